import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what, one chain per partner. The services may add to it and read it, nothing else. */
export class Audit1763500500000 implements MigrationInterface {
  readonly name = 'Audit1763500500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entry (
        partner_id uuid NOT NULL,
        seq bigint NOT NULL,
        entry_id uuid NOT NULL,
        at timestamptz NOT NULL,
        subject text NOT NULL,
        action text NOT NULL,
        target text NOT NULL,
        body text NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (partner_id, seq),
        CONSTRAINT audit_entry_once UNIQUE (partner_id, entry_id)
      );
      COMMENT ON COLUMN audit_entry.body IS 'JSON of the whole entry, as it was hashed';
      COMMENT ON COLUMN audit_entry.hash IS 'SHA-256 of the hash before it, the number and the body';
      CREATE INDEX audit_entry_by_action ON audit_entry (partner_id, action, seq);
      REVOKE UPDATE, DELETE ON audit_entry FROM backhaul_runtime;
    `);
    await protectTables(runner, ['audit_entry']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entry');
  }
}
