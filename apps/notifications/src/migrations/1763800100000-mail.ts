import { protectTables } from '@backhaul/persistence';
import { getConstructionPlans } from 'pg-boss';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { JOBS_SCHEMA } from '../mail/mail-queue.js';

/** Mails with what became of them, the jobs that send them, and the names that they bear. */
export class Mail1763800100000 implements MigrationInterface {
  readonly name = 'Mail1763800100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE mail (
        mail_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        account_no bigint,
        brand_id uuid,
        address text NOT NULL,
        template text NOT NULL,
        content jsonb,
        state text NOT NULL DEFAULT 'pending'
          CHECK (state IN ('pending', 'sent', 'bounced', 'suppressed', 'expired')),
        is_address_bad boolean NOT NULL DEFAULT false,
        attempts integer NOT NULL DEFAULT 0,
        attempted_at timestamptz(3),
        leased_until timestamptz(3),
        reason text,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) NOT NULL,
        ended_at timestamptz(3)
      );
      COMMENT ON COLUMN mail.content IS 'what the template shows; gone once the mail has ended';
      COMMENT ON COLUMN mail.leased_until IS 'a worker is sending it now, unless it died';
      CREATE INDEX mail_bad_addresses ON mail (account_no, address, ended_at) WHERE is_address_bad;
      CREATE INDEX mail_by_age ON mail (created_at);
      CREATE INDEX mail_pending ON mail (created_at) WHERE state = 'pending';
      CREATE TABLE brand_name (
        partner_id uuid NOT NULL,
        brand_id uuid PRIMARY KEY,
        name text NOT NULL
      );
    `);
    await protectTables(runner, ['mail', 'brand_name']);
    await runner.query(jobTables());
    await runner.query(`
      GRANT USAGE ON SCHEMA ${JOBS_SCHEMA} TO backhaul_runtime;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${JOBS_SCHEMA} TO backhaul_runtime;
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${JOBS_SCHEMA} TO backhaul_runtime;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA ${JOBS_SCHEMA} CASCADE; DROP TABLE brand_name, mail`);
  }
}

/** pg-boss words its tables as a transaction of their own; here they belong to that of the migration. */
const jobTables = (): string =>
  getConstructionPlans(JOBS_SCHEMA)
    .replace(/^\s*BEGIN;/, '')
    .replace(/COMMIT;\s*$/, '');
