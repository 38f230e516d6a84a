import { type Outage, outageAt } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';

/** Within this time a report that came is in the log, or its agent was told that it is not. */
const SETTLES_MS = 10_000;
/** Older outages touch nothing that is still waited for. */
const REMEMBERED_MS = 40 * 24 * 3_600_000;

/** Up to when what came is known, and the times within that in which it is not. */
export interface Completeness {
  watermarkMs: number;
  outages: Outage[];
}

/**
 * Whether reports could come in. Each process beats while it takes what comes; a pause of all of them is an outage, and
 * so is the time in which one of them sent reports away.
 */
export class WayIn {
  private lastMs: number | null = null;
  private hasRefused = false;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** A report was turned away that might have said that all is well. */
  noteRefusal(): void {
    this.hasRefused = true;
  }

  async beat(now: Date): Promise<Outage | null> {
    const nowMs = now.getTime();
    const { hasRefused } = this;
    this.hasRefused = false;
    try {
      return await this.unitOfWork.run((tx) => this.beatIn(tx, nowMs, hasRefused));
    } catch (error) {
      this.hasRefused ||= hasRefused;
      throw error;
    }
  }

  async readAcrossTenants(tx: Tx, nowMs: number): Promise<Completeness> {
    const [watch] = await tx.query<{ beat_at: Date }>('SELECT beat_at FROM ingest_watch');
    const rows = await tx.query<{ from_at: Date; to_at: Date }>('SELECT from_at, to_at FROM ingest_outage');
    const beatMs = watch?.beat_at.getTime() ?? 0;
    return {
      watermarkMs: Math.min(beatMs, nowMs) - SETTLES_MS,
      outages: rows.map((row) => ({ fromMs: row.from_at.getTime(), toMs: row.to_at.getTime() })),
    };
  }

  private async beatIn(tx: Tx, nowMs: number, hasRefused: boolean): Promise<Outage | null> {
    const [row] = await tx.query<{ beat_at: Date }>(
      'SELECT beat_at FROM ingest_watch WHERE id = 1 FOR UPDATE',
    );
    const beatMs = row?.beat_at.getTime() ?? nowMs;
    // Others may have beaten while this process sent reports away.
    const sinceMs = hasRefused ? Math.min(beatMs, this.lastMs ?? beatMs) : beatMs;
    const outage = outageAt(sinceMs, nowMs, hasRefused);
    await tx.query('UPDATE ingest_watch SET beat_at = $1 WHERE id = 1', [new Date(nowMs)]);
    if (nowMs < beatMs) await clockWasPutBack(tx, nowMs);
    if (outage) await keep(tx, outage);
    this.lastMs = nowMs;
    return outage;
  }
}

/** Times that have not come yet were no outage. */
async function clockWasPutBack(tx: Tx, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  await tx.query('DELETE FROM ingest_outage WHERE from_at >= $1', [now]);
  await tx.query('UPDATE ingest_outage SET to_at = $1 WHERE to_at > $1', [now]);
}

/** One outage, however many beats it lasted and whoever noticed. */
async function keep(tx: Tx, { fromMs, toMs }: Outage): Promise<void> {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  await tx.query('DELETE FROM ingest_outage WHERE to_at < $1', [new Date(toMs - REMEMBERED_MS)]);
  const longer = await tx.query(
    `UPDATE ingest_outage SET to_at = greatest(to_at, $2::timestamptz)
     WHERE from_at <= $1 AND to_at >= $1 RETURNING 1 AS longer`,
    [from, to],
  );
  if (longer.length === 0)
    await tx.query(
      `INSERT INTO ingest_outage VALUES ($1, $2) ON CONFLICT (from_at) DO UPDATE SET to_at = excluded.to_at`,
      [from, to],
    );
}
