import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['operation', 'psa_breaker'];

/** What somebody asked to be done once more, and whether the PSAs answer that it would have to reach. */
export class Operations1763860100000 implements MigrationInterface {
  readonly name = 'Operations1763860100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE operation (
        operation_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        cust_id int NOT NULL,
        account_no bigint NOT NULL,
        event_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
        asked_by text NOT NULL,
        problem text,
        created_at timestamptz NOT NULL,
        finished_at timestamptz
      );
      CREATE UNIQUE INDEX operation_running ON operation (event_id) WHERE state IN ('queued', 'running');
      CREATE INDEX operation_by_event ON operation (partner_id, event_id, created_at);
      CREATE TABLE psa_breaker (
        connection_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        provider text NOT NULL,
        open_until timestamptz,
        at timestamptz NOT NULL
      );
      CREATE INDEX psa_breaker_by_partner ON psa_breaker (partner_id, provider);
      ALTER TABLE event_action ADD operation_id uuid;
      COMMENT ON COLUMN psa_breaker.open_until IS 'when it is tried again; null while it answers';
    `);
    await protectTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE event_action DROP operation_id; DROP TABLE psa_breaker, operation');
  }
}
