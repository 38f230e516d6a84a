import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { Leaver } from '../requests/raised-book.js';
import { AGE, refuseYounger } from '../watches/overtaken.js';
import type { Site } from './outage.js';
import { IS_SILENT } from './silence.js';

const idsOf = (sites: readonly Site[]) => [
  sites.map(({ ruleId }) => ruleId),
  sites.map(({ custId }) => custId),
];

/** Which outages stand. Whoever asks for the ticket of one holds its row, and writes it: so all agree on the order. */
export class OutageRepository {
  /**
   * Where something is to be done, locked; what others work on is left to them. A row is made for each, and stays when
   * its outage is over: the next to ask sees who asked last.
   * @throws OvertakenError
   */
  async dueAcrossTenants(tx: Tx, now: Date, limit: number): Promise<Site[]> {
    const due = await tx.query<Site>(
      `SELECT rule_id AS "ruleId", site_cust_id AS "custId", partner_id AS "partnerId" FROM problem_watch
        WHERE due_at <= $1 AND site_cust_id IS NOT NULL
       UNION SELECT rule_id, cust_id, partner_id FROM site_leaver
       UNION SELECT rule_id, site_cust_id, partner_id FROM raised WHERE ${IS_SILENT} ORDER BY 1, 2 LIMIT $2`,
      [now, limit],
    );
    if (due.length === 0) return [];
    await tx.query(
      `INSERT INTO site_outage (rule_id, cust_id, partner_id) SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[])
       ON CONFLICT DO NOTHING`,
      [...idsOf(due), due.map(({ partnerId }) => partnerId)],
    );
    const rows = await tx.query<Site & { age: number }>(
      `SELECT rule_id AS "ruleId", cust_id AS "custId", partner_id AS "partnerId", standing, ${AGE} FROM site_outage
        WHERE (rule_id, cust_id) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))
        ORDER BY rule_id, cust_id FOR UPDATE SKIP LOCKED`,
      idsOf(due),
    );
    refuseYounger(rows);
    return rows.map(({ age: _age, ...site }) => site);
  }

  /** That somebody listens; after a day in which nobody did, from now on. */
  async noteListening(unitOfWork: Pick<UnitOfWork, 'query'>): Promise<void> {
    await unitOfWork.query(
      `UPDATE listening SET since = CASE WHEN last_at < now() - interval '1 day' THEN now() ELSE since END, last_at = now()
        WHERE last_at < now() - interval '1 hour'`,
    );
  }

  /** Before the problems that are left are read: what is taken here is seen to be gone there. */
  async takeLeavers(tx: Tx, sites: readonly Site[]): Promise<Leaver[]> {
    return tx.query<Leaver>(
      `DELETE FROM site_leaver WHERE (rule_id, cust_id) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))
       RETURNING leaver_id AS "leaverId", rule_id AS "ruleId", cust_id AS "custId", partner_id AS "partnerId", request`,
      idsOf(sites),
    );
  }

  /** Also those in which nothing changed: each look is an entry in the order of looks. */
  async write(tx: Tx, sites: readonly Site[]): Promise<void> {
    await tx.query(
      `UPDATE site_outage o SET standing = s.standing::json, updated_at = now()
         FROM unnest($1::uuid[], $2::integer[], $3::text[]) AS s (rule_id, cust_id, standing)
        WHERE o.rule_id = s.rule_id AND o.cust_id = s.cust_id`,
      [...idsOf(sites), sites.map(({ standing }) => standing && JSON.stringify(standing))],
    );
  }

  async usernamesAcrossTenants(tx: Tx, accountNos: readonly number[]): Promise<Map<number, string>> {
    const rows = await tx.query<{ accountNo: string; username: string }>(
      'SELECT account_no AS "accountNo", username FROM known_account WHERE account_no = ANY($1::bigint[])',
      [accountNos],
    );
    return new Map(rows.map(({ accountNo, username }) => [Number(accountNo), username]));
  }

  /** What stands stays, however old. */
  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query(
      "DELETE FROM site_outage WHERE standing IS NULL AND updated_at < now() - $1 * interval '1 day'",
      [olderThanDays],
    );
  }
}
