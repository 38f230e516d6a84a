import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a connection may reach beside EGRESS_ALLOW, and whether it has no credentials that work (B10). */
export class ApprovedEgress1763870000000 implements MigrationInterface {
  readonly name = 'ApprovedEgress1763870000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE psa_connection
        ADD COLUMN egress text NOT NULL DEFAULT '[]',
        ADD COLUMN needs_change boolean NOT NULL DEFAULT false;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE psa_connection DROP COLUMN needs_change, DROP COLUMN egress');
  }
}
