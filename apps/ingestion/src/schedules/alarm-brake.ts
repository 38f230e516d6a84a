import {
  BRAKE_WINDOW_MS, type Hold, holdAt, holdFrom, isHolding, isTooMany, type Outage, PARTNER_BRAKE, PLATFORM, PLATFORM_BRAKE,
} from '@backhaul/domain'; // prettier-ignore
import type { Tx } from '@backhaul/persistence';

interface HoldRow {
  partner_id: string;
  held_at: Date;
  releases_at: Date;
  ends_at: Date;
}

/** So many that are due are counted beforehand; more are too many whoever they belong to. */
const MOST_COUNTED = 20_000;
const ALL: string = PLATFORM;

/** What is about to be raised. */
export interface Wish {
  now: Date;
  /** Alarms by partner. */
  alarms: ReadonlyMap<string, number>;
  outages: readonly Outage[];
  /** Where more is due than was claimed: what is due before this counts as well. Milliseconds since 1970. */
  dueBeforeMs: number | null;
}

/**
 * Holds the alarms of a partner, or of all, when so many come at once that the fault is likely ours. Who asks does so
 * one at a time, so that two who each raise a part see the whole.
 */
export class AlarmBrake {
  /** Whose alarms are not to be raised now, with the time to try again; counts the others as raised. */
  async admitAcrossTenants(tx: Tx, wish: Wish): Promise<(partnerId: string) => number | null> {
    const holds = await this.takeAcrossTenants(tx, wish);
    const counts = await this.counts(tx, wish);
    const nowMs = wish.now.getTime();
    for (const [partnerId, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (holds.has(partnerId) || !(await this.isTooMany(tx, partnerId, count))) continue;
      holds.set(partnerId, holdFrom(nowMs));
      await putHold(tx, partnerId, holdFrom(nowMs));
    }
    const heldUntil = (partnerId: string): number | null => {
      const holding = [holds.get(ALL), holds.get(partnerId)].filter((hold) => hold && isHolding(hold, nowMs));
      return holding.length > 0 ? Math.max(...holding.map((hold) => hold?.releasesMs ?? 0)) : null;
    };
    await this.tally(tx, wish, (partnerId) => heldUntil(partnerId) === null);
    return heldUntil;
  }

  /** Holds in force by partner, each as it goes on. Until the transaction ends nobody else changes one. */
  async takeAcrossTenants(
    tx: Tx,
    { now, outages }: Pick<Wish, 'now' | 'outages'>,
  ): Promise<Map<string, Hold>> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('alarm-brake'))`);
    const rows = await tx.query<HoldRow>('SELECT * FROM alarm_hold');
    const holds = new Map<string, Hold>();
    for (const row of rows) {
      const known = { heldMs: row.held_at.getTime(), releasesMs: row.releases_at.getTime(), endsMs: row.ends_at.getTime() }; // prettier-ignore
      const hold = holdAt(known, now.getTime(), outages);
      if (hold === null) await tx.query('DELETE FROM alarm_hold WHERE partner_id = $1', [row.partner_id]);
      else holds.set(row.partner_id, hold);
      if (hold !== null && hold !== known) await putHold(tx, row.partner_id, hold);
    }
    return holds;
  }

  /** Alarms of the last minutes with those that are wished for, by partner and of all. */
  private async counts(tx: Tx, { now, alarms, dueBeforeMs }: Wish): Promise<Map<string, number>> {
    const since = new Date(now.getTime() - BRAKE_WINDOW_MS);
    const raised = await tx.query<{ partner_id: string; alarms: number }>(
      'SELECT partner_id, sum(alarms)::int AS alarms FROM alarm_tally WHERE minute > $1 GROUP BY partner_id',
      [since],
    );
    const due = dueBeforeMs === null ? [] : await this.due(tx, dueBeforeMs);
    const pending = new Map(due.map(({ partner_id, alarms: count }) => [partner_id, count]));
    const counts = new Map(raised.map((row) => [row.partner_id, row.alarms]));
    for (const [partnerId, count] of alarms) {
      const wished = Math.max(count, pending.get(partnerId) ?? 0);
      counts.set(partnerId, (counts.get(partnerId) ?? 0) + wished);
    }
    const ofNow = [...counts].filter(([partnerId]) => alarms.has(partnerId));
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return new Map([...ofNow, [ALL, all]]);
  }

  private due(tx: Tx, beforeMs: number): Promise<{ partner_id: string; alarms: number }[]> {
    return tx.query(
      `SELECT partner_id, count(*)::int AS alarms FROM (
         SELECT partner_id FROM expectation WHERE bucket BETWEEN 0 AND 63 AND due_at < $1 LIMIT ${MOST_COUNTED}) due
       GROUP BY partner_id`,
      [new Date(beforeMs)],
    );
  }

  private async isTooMany(tx: Tx, partnerId: string, count: number): Promise<boolean> {
    const isAll = partnerId === ALL;
    const limits = isAll ? PLATFORM_BRAKE : PARTNER_BRAKE;
    // Counted as far as it makes a difference: the cost of a look follows what is due, not what is watched.
    const enough = Math.ceil(count / limits.share);
    if (!isTooMany(count, 0, limits)) return false;
    const [row] = await tx.query<{ watched: number }>(
      `SELECT count(*)::int AS watched FROM (
         SELECT 1 FROM account ${isAll ? 'WHERE account_no > $2' : 'WHERE partner_id = $2'} LIMIT $1) counted`,
      [enough, isAll ? 0 : partnerId],
    );
    return isTooMany(count, row?.watched ?? 0, limits);
  }

  private async tally(
    tx: Tx,
    { now, alarms }: Wish,
    isRaised: (partnerId: string) => boolean,
  ): Promise<void> {
    const raised = [...alarms]
      .filter(([partnerId]) => isRaised(partnerId))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    await tx.query('DELETE FROM alarm_tally WHERE minute <= $1', [
      new Date(now.getTime() - 2 * BRAKE_WINDOW_MS),
    ]);
    await tx.query(
      `INSERT INTO alarm_tally SELECT t.partner_id, date_trunc('minute', $3::timestamptz), t.alarms
       FROM unnest($1::uuid[], $2::int[]) AS t(partner_id, alarms)
       ON CONFLICT (partner_id, minute) DO UPDATE SET alarms = alarm_tally.alarms + excluded.alarms`,
      [raised.map(([partnerId]) => partnerId), raised.map(([, count]) => count), now],
    );
  }
}

export async function putHold(
  tx: Tx,
  partnerId: string,
  { heldMs, releasesMs, endsMs }: Hold,
): Promise<void> {
  await tx.query(
    `INSERT INTO alarm_hold VALUES ($1, $2, $3, $4)
     ON CONFLICT (partner_id) DO UPDATE SET held_at = excluded.held_at, releases_at = excluded.releases_at, ends_at = excluded.ends_at`,
    [partnerId, new Date(heldMs), new Date(releasesMs), new Date(endsMs)],
  );
}
