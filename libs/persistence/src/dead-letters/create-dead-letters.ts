import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protectTables, unprotectTables } from '../tenancy/row-level-security.js';

/** Records that a service could not take, as they came, and what people did about them. */
export class DeadLetters1764000100000 implements MigrationInterface {
  readonly name = 'DeadLetters1764000100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dead_letter (
        letter_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        cust_id bigint,
        account_no bigint,
        topic text NOT NULL,
        part int NOT NULL,
        place bigint NOT NULL,
        class text NOT NULL,
        reason text NOT NULL,
        group_id text NOT NULL,
        order_key text,
        is_overtaken boolean NOT NULL DEFAULT false,
        key bytea,
        value bytea,
        headers jsonb NOT NULL,
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'replaying', 'replayed', 'discarded')),
        set_aside_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        claimed_at timestamptz,
        resolved_at timestamptz(3),
        resolved_by text,
        note text
      );
      CREATE INDEX dead_letter_waiting ON dead_letter (partner_id, group_id) WHERE state IN ('waiting', 'replaying');
      CREATE INDEX dead_letter_in_order ON dead_letter (order_key) WHERE state = 'waiting';
      COMMENT ON COLUMN dead_letter.partner_id IS 'the platform where nobody knows whose it is';
      COMMENT ON COLUMN dead_letter.place IS 'offset in its partition';
    `);
    await protectTables(runner, ['dead_letter']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await unprotectTables(runner, ['dead_letter']);
    await runner.query('DROP TABLE dead_letter');
  }
}
