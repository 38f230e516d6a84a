import type { Tx } from '@backhaul/persistence';
import { type Raised, RaisedBook } from './raised-book.js';

/** What was raised and has not ended. Keys hold partner and account, so that no read crosses tenants. */
export class RaisedRepository {
  async read(tx: Tx, incidentKeys: readonly string[]): Promise<RaisedBook> {
    const rows = await tx.query<Raised>(
      `SELECT incident_key AS "incidentKey", provider, rule_id AS "ruleId", partner_id AS "partnerId",
              account_no AS "accountNo", rule_name AS "ruleName", event_type AS "eventType"
         FROM raised WHERE incident_key = ANY($1::text[]) ORDER BY incident_key, provider, rule_id`,
      [incidentKeys],
    );
    return new RaisedBook(rows);
  }

  async write(tx: Tx, book: RaisedBook): Promise<void> {
    const { raised, cleared } = book.changes();
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

  private async upsert(tx: Tx, raised: readonly Raised[]): Promise<void> {
    await tx.query(
      `INSERT INTO raised (incident_key, provider, rule_id, partner_id, account_no, rule_name, event_type)
       SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::text[])
       ON CONFLICT (incident_key, provider, rule_id)
       DO UPDATE SET rule_name = excluded.rule_name, event_type = excluded.event_type, raised_at = now()`,
      [
        raised.map((one) => one.incidentKey),
        raised.map((one) => one.provider),
        raised.map((one) => one.ruleId),
        raised.map((one) => one.partnerId),
        raised.map((one) => one.accountNo),
        raised.map((one) => one.ruleName),
        raised.map((one) => one.eventType),
      ],
    );
  }
}
