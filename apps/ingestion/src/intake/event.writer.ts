import { crashPoint } from '@backhaul/messaging';
import { repeatLost } from '@backhaul/persistence';
import type { Pool } from 'pg';
import { type EventRow, INSERT_EVENTS, insertParameters } from './event-row.js';

/** What became of a row. `conflict`: the same key stands in the log with another body. */
export interface Stored {
  outcome: 'accepted' | 'duplicate' | 'conflict';
  /** Of the event in the log, which for a repeat is the first one's. */
  eventId: string;
}

interface Existing {
  dedupe_id: string;
  event_id: string;
  /** Null where the event itself is gone. */
  body_hash: Buffer | null;
}

// A key is of one endpoint or partner, so the event of before is of the same partner as its repeat.
const READ_EXISTING = `
  SELECT k.dedupe_id, k.event_id, e.body_hash FROM unnest($1::uuid[], $2::uuid[]) AS report(dedupe_id, partner_id)
  JOIN event_key k ON k.dedupe_id = report.dedupe_id
  LEFT JOIN event e ON e.partner_id = report.partner_id AND e.event_id = k.event_id`;
// Sorted for the same reason as the events: two groups may count the same events' replays.
const COUNT_REPLAYS = `
  INSERT INTO event_replay (event_id, replays, last_replay_at)
  SELECT id, count(*), clock_timestamp() FROM unnest($1::uuid[]) AS id GROUP BY id ORDER BY id
  ON CONFLICT (event_id) DO UPDATE
    SET replays = event_replay.replays + excluded.replays, last_replay_at = excluded.last_replay_at`;

/** Classes 22 (data) and 23 (integrity), and text that is not valid in the database's encoding. */
export function isDataError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(22|23)/.test(code);
}

export function compareRows(a: EventRow, b: EventRow): number {
  if (a.dedupeId === b.dedupeId) return a.eventId < b.eventId ? -1 : 1;
  return a.dedupeId < b.dedupeId ? -1 : 1;
}

/** Writes a group in one statement, which is one transaction; looks at the log again only if it held some already. */
export class EventWriter {
  constructor(
    private readonly pool: Pool,
    private readonly onCommit: (accepted: number, durationMs: number) => void = () => undefined,
  ) {}

  async write(rows: readonly EventRow[]): Promise<Stored[]> {
    crashPoint('ingest.before-commit');
    const startedAt = performance.now();
    const insert = { name: 'insert-events', text: INSERT_EVENTS, values: insertParameters(rows) };
    const { rowCount } = await repeatLost(() => this.pool.query(insert));
    crashPoint('ingest.after-commit');
    this.onCommit(rowCount ?? 0, performance.now() - startedAt);
    if (rowCount === rows.length) return rows.map(({ eventId }) => ({ outcome: 'accepted', eventId }));
    return this.sortOut(rows);
  }

  private async sortOut(rows: readonly EventRow[]): Promise<Stored[]> {
    const { rows: existing } = await this.pool.query<Existing>({
      name: 'read-existing',
      text: READ_EXISTING,
      values: [rows.map((row) => row.dedupeId), rows.map((row) => row.partnerId)],
    });
    const byKey = new Map(existing.map((row) => [row.dedupe_id, row]));
    const stored = rows.map((row) => compare(row, byKey.get(row.dedupeId)));
    await this.countReplays(stored.filter(({ outcome }) => outcome !== 'accepted'));
    return stored;
  }

  private async countReplays(repeats: readonly Stored[]): Promise<void> {
    if (repeats.length === 0) return;
    await this.pool.query({
      name: 'count-replays',
      text: COUNT_REPLAYS,
      values: [repeats.map(({ eventId }) => eventId)],
    });
  }
}

function compare(row: EventRow, existing: Existing | undefined): Stored {
  if (!existing) throw new Error('An event vanished between two statements');
  if (existing.event_id === row.eventId) return { outcome: 'accepted', eventId: row.eventId };
  const isSame = existing.body_hash?.equals(row.bodyHash) ?? true;
  const outcome = isSame ? 'duplicate' : 'conflict';
  return { outcome, eventId: existing.event_id };
}
