import type { AccountNo, PartnerId, RuleId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Site } from '../outages/outage.js';
import { AGE, refuseYounger } from './overtaken.js';
import { type Watch, WatchBook, type Withheld } from './watch-book.js';
import type { Course } from './course.js';

interface WatchRow {
  incidentKey: string;
  ruleId: RuleId;
  partnerId: PartnerId;
  accountNo: AccountNo;
  course: Course & { eventType: Watch['eventType'] };
  withheld:
    (Omit<Withheld, 'reason' | 'dueAtMs' | 'gathering'> & Partial<Pick<Withheld, 'gathering'>>) | null;
  reason: string | null;
  dueAt: Date | null;
  age: number;
}

const COLUMNS = `incident_key AS "incidentKey", rule_id AS "ruleId", partner_id AS "partnerId", account_no AS "accountNo",
  course, withheld, reason, due_at AS "dueAt", ${AGE}`;

/** What rules keep in mind. Keys hold partner and account, so that no read crosses tenants. */
export class WatchRepository {
  /**
   * Locks what it reads, for what comes due is asked for by other processes.
   * @throws OvertakenError
   */
  async read(tx: Tx, incidentKeys: readonly string[]): Promise<WatchBook> {
    const rows = await tx.query<WatchRow>(
      `SELECT ${COLUMNS} FROM problem_watch WHERE incident_key = ANY($1::text[]) ORDER BY incident_key, rule_id FOR UPDATE`,
      [incidentKeys],
    );
    refuseYounger(rows);
    return new WatchBook(rows.map(watchOf));
  }

  /** Those that wait for other accounts of these customers, locked; what a younger transaction wrote is for the next look. */
  async gatheringAcrossTenants(tx: Tx, sites: readonly Site[]): Promise<Watch[]> {
    const rows = await tx.query<WatchRow>(
      `SELECT ${COLUMNS} FROM problem_watch
        WHERE (rule_id, site_cust_id) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))
        ORDER BY incident_key, rule_id FOR UPDATE`,
      [sites.map(({ ruleId }) => ruleId), sites.map(({ custId }) => custId)],
    );
    return rows.filter(({ age }) => age >= 0).map(watchOf);
  }

  /** Those that are judged by themselves and whose time has come, locked; others that look find those that are left. */
  async dueAcrossTenants(tx: Tx, now: Date, limit: number): Promise<Watch[]> {
    const rows = await tx.query<WatchRow>(
      `SELECT ${COLUMNS} FROM problem_watch WHERE due_at <= $1 AND site_cust_id IS NULL ORDER BY due_at, incident_key LIMIT $2
       FOR UPDATE SKIP LOCKED`,
      [now, limit],
    );
    return rows.map(watchOf);
  }

  async write(tx: Tx, book: WatchBook): Promise<void> {
    const { kept, forgotten } = book.changes();
    if (kept.length > 0) await this.upsert(tx, kept);
    if (forgotten.length === 0) return;
    await tx.query(
      `DELETE FROM problem_watch w USING unnest($1::text[], $2::uuid[]) AS gone (incident_key, rule_id)
        WHERE w.incident_key = gone.incident_key AND w.rule_id = gone.rule_id`,
      [forgotten.map((one) => one.incidentKey), forgotten.map((one) => one.ruleId)],
    );
  }

  /** What silences of the partner withheld is looked at again now. */
  async reviewSilenced(tx: Tx, partnerId: PartnerId, now: Date): Promise<void> {
    await tx.query(
      `UPDATE problem_watch SET due_at = $2 WHERE partner_id = $1 AND reason IN ('silenced', 'maintenance')`,
      [partnerId, now],
    );
  }

  /** What waits stays, however old. */
  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query(
      "DELETE FROM problem_watch WHERE withheld IS NULL AND updated_at < now() - $1 * interval '1 day'",
      [olderThanDays],
    );
  }

  private async upsert(tx: Tx, watches: readonly Watch[]): Promise<void> {
    const rows = watches.map(rowOf);
    // Not as one JSON: a name that an agent wrote may hold what PostgreSQL takes for no text.
    await tx.query(
      `INSERT INTO problem_watch (incident_key, rule_id, partner_id, account_no, course, withheld, reason, due_at, site_cust_id)
       SELECT key, rule, partner, account, course::json, withheld::json, reason, due, site
       FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::integer[])
         AS w (key, rule, partner, account, course, withheld, reason, due, site)
       ON CONFLICT (incident_key, rule_id) DO UPDATE SET course = excluded.course, withheld = excluded.withheld,
         reason = excluded.reason, due_at = excluded.due_at, site_cust_id = excluded.site_cust_id, updated_at = now()`,
      [
        watches.map(({ incidentKey }) => incidentKey),
        watches.map(({ ruleId }) => ruleId),
        watches.map(({ partnerId }) => partnerId),
        watches.map(({ accountNo }) => accountNo),
        ...(['course', 'withheld', 'reason', 'dueAt', 'siteCustId'] as const).map((name) =>
          rows.map((row) => row[name]),
        ),
      ],
    );
  }
}

function watchOf(row: WatchRow): Watch {
  const { eventType, ...course } = row.course;
  const dueAtMs = row.dueAt?.getTime() ?? null;
  const { incidentKey, ruleId, partnerId, accountNo, withheld, reason } = row;
  const { gathering = null } = withheld ?? {};
  const waiting = withheld && { ...withheld, reason: reason ?? '', dueAtMs, gathering };
  return { incidentKey, ruleId, partnerId, accountNo, eventType, course, withheld: waiting };
}

function rowOf({ course, eventType, withheld }: Watch) {
  const { provider, request, facts, reason, gathering, dueAtMs = null } = withheld ?? {};
  return {
    course: JSON.stringify({ ...course, eventType }),
    withheld: withheld && JSON.stringify({ provider, request, facts, gathering }),
    reason: reason ?? null,
    dueAt: dueAtMs === null ? null : new Date(dueAtMs).toISOString(),
    siteCustId: gathering?.custId ?? null,
  };
}
