import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where rules tell of events, what they sign with, and what became of each call. */
export class Webhooks1764100200000 implements MigrationInterface {
  readonly name = 'Webhooks1764100200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE rules ADD COLUMN webhook_url text, ADD COLUMN webhook_disabled_reason text;
      CREATE TABLE webhook_secret (
        rule_id uuid PRIMARY KEY REFERENCES rules ON DELETE CASCADE,
        partner_id uuid NOT NULL,
        sealed text NOT NULL,
        replaced_sealed text,
        replaced_until timestamptz(3)
      );
      COMMENT ON COLUMN webhook_secret.replaced_sealed IS 'the one of before, which signs beside it for a while';
      CREATE TABLE webhook_deliveries (
        delivery_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        owner_brand_id uuid,
        rule_id uuid NOT NULL,
        rule_name text NOT NULL,
        event_id uuid NOT NULL,
        account_no integer NOT NULL,
        operation_id uuid,
        body text NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL,
        reason text,
        status integer,
        answer text,
        created_at timestamptz(3) NOT NULL,
        attempted_at timestamptz(3),
        leased_until timestamptz(3),
        expires_at timestamptz(3) NOT NULL,
        ended_at timestamptz(3),
        CONSTRAINT webhook_deliveries_state CHECK (state IN ('pending', 'delivered', 'failed'))
      );
      CREATE INDEX webhook_deliveries_by_partner ON webhook_deliveries (partner_id, event_id, delivery_id);
      CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
    `);
    await protectTables(runner, ['webhook_secret', 'webhook_deliveries']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE webhook_deliveries, webhook_secret;
      ALTER TABLE rules DROP COLUMN webhook_url, DROP COLUMN webhook_disabled_reason;
    `);
  }
}
