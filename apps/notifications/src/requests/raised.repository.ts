import type { Tx } from '@backhaul/persistence';
import type { Site } from '../outages/outage.js';
import { IS_SILENT } from '../outages/silence.js';
import { AGE, refuseGone, refuseYounger } from '../watches/overtaken.js';
import { type Leaver, type Raised, RaisedBook } from './raised-book.js';

const COLUMNS = `incident_key AS "incidentKey", provider, rule_id AS "ruleId", partner_id AS "partnerId",
  account_no AS "accountNo", rule_name AS "ruleName", event_type AS "eventType", site_cust_id AS "siteCustId"`;

/** What was raised and has not ended. Keys hold partner and account, so that no read crosses tenants. */
export class RaisedRepository {
  /** @throws OvertakenError */
  async read(tx: Tx, incidentKeys: readonly string[]): Promise<RaisedBook> {
    const rows = await tx.query<Raised & { age: number }>(
      `SELECT ${COLUMNS}, ${AGE} FROM raised WHERE incident_key = ANY($1::text[]) ORDER BY incident_key, provider, rule_id`,
      [incidentKeys],
    );
    refuseYounger(rows);
    return new RaisedBook(rows.map(({ age: _age, ...raised }) => raised));
  }

  /** The problems that outages of these customers hold. */
  async membersAcrossTenants(tx: Tx, sites: readonly Site[]): Promise<Raised[]> {
    return tx.query<Raised>(
      `SELECT ${COLUMNS} FROM raised WHERE (rule_id, site_cust_id) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))`,
      [sites.map(({ ruleId }) => ruleId), sites.map(({ custId }) => custId)],
    );
  }

  /** Those of which nothing was heard for long leave the outages; who is heard of at this moment stays. */
  async letGoSilent(tx: Tx, sites: readonly Site[]): Promise<Raised[]> {
    return tx.query<Raised>(
      `WITH silent AS (
         SELECT incident_key, provider, rule_id FROM raised
          WHERE (rule_id, site_cust_id) IN (SELECT * FROM unnest($1::uuid[], $2::integer[])) AND ${IS_SILENT}
          FOR UPDATE SKIP LOCKED),
       gone AS (
         DELETE FROM raised USING silent WHERE raised.incident_key = silent.incident_key
            AND raised.provider = silent.provider AND raised.rule_id = silent.rule_id
         RETURNING raised.*)
       SELECT ${COLUMNS} FROM gone ORDER BY incident_key`,
      [sites.map(({ ruleId }) => ruleId), sites.map(({ custId }) => custId)],
    );
  }

  /** @throws OvertakenError where an outage has let go of what was heard of */
  async write(tx: Tx, book: RaisedBook): Promise<void> {
    const { raised, cleared, left, heard } = book.changes();
    if (heard.length > 0) await this.hear(tx, heard);
    if (left.length > 0) await this.leave(tx, left);
    if (raised.length > 0) await this.upsert(tx, raised);
    if (cleared.length === 0) return;
    await tx.query(
      `DELETE FROM raised USING unnest($1::text[], $2::text[], $3::uuid[]) AS ended (incident_key, provider, rule_id)
        WHERE raised.incident_key = ended.incident_key AND raised.provider = ended.provider
          AND raised.rule_id = ended.rule_id`,
      [
        cleared.map((one) => one.incidentKey),
        cleared.map((one) => one.provider),
        cleared.map((one) => one.ruleId),
      ],
    );
  }

  private async hear(tx: Tx, heard: ReturnType<RaisedBook['changes']>['heard']): Promise<void> {
    const there = await tx.query(
      `UPDATE raised SET heard_at = now() FROM unnest($1::text[], $2::text[], $3::uuid[]) AS h (incident_key, provider, rule_id)
        WHERE raised.incident_key = h.incident_key AND raised.provider = h.provider AND raised.rule_id = h.rule_id
       RETURNING 1 AS there`,
      [heard.map((one) => one.incidentKey), heard.map((one) => one.provider), heard.map((one) => one.ruleId)],
    );
    refuseGone(there, heard);
  }

  private async leave(tx: Tx, leavers: readonly Leaver[]): Promise<void> {
    await tx.query(
      `INSERT INTO site_leaver (leaver_id, rule_id, cust_id, partner_id, request)
       SELECT id, rule, cust, partner, request::json
       FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[], $5::text[]) AS l (id, rule, cust, partner, request)`,
      [
        leavers.map((one) => one.leaverId),
        leavers.map((one) => one.ruleId),
        leavers.map((one) => one.custId),
        leavers.map((one) => one.partnerId),
        leavers.map(({ request }) => request && JSON.stringify(request)),
      ],
    );
  }

  private async upsert(tx: Tx, raised: readonly Raised[]): Promise<void> {
    await tx.query(
      `INSERT INTO raised (incident_key, provider, rule_id, partner_id, account_no, rule_name, event_type, site_cust_id)
       SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::text[], $8::integer[])
       ON CONFLICT (incident_key, provider, rule_id)
       DO UPDATE SET rule_name = excluded.rule_name, event_type = excluded.event_type,
         site_cust_id = excluded.site_cust_id, raised_at = now(), heard_at = now()`,
      [
        raised.map((one) => one.incidentKey),
        raised.map((one) => one.provider),
        raised.map((one) => one.ruleId),
        raised.map((one) => one.partnerId),
        raised.map((one) => one.accountNo),
        raised.map((one) => one.ruleName),
        raised.map((one) => one.eventType),
        raised.map((one) => one.siteCustId),
      ],
    );
  }
}
