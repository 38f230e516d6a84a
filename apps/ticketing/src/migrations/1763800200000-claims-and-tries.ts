import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a claim must see to be exact, and what makes a create worth a second look. */
export class ClaimsAndTries1763800200000 implements MigrationInterface {
  readonly name = 'ClaimsAndTries1763800200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE psa_connection ADD COLUMN claim_xid xid8 NOT NULL DEFAULT '0';
      ALTER TABLE command ADD COLUMN tries int NOT NULL DEFAULT 0;
      CREATE INDEX lane_running ON lane (connection_id) WHERE state = 'running';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX lane_running;
      ALTER TABLE command DROP COLUMN tries;
      ALTER TABLE psa_connection DROP COLUMN claim_xid;
    `);
  }
}
