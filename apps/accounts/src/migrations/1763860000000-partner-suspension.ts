import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a partner is suspended, and why. */
export class PartnerSuspension1763860000000 implements MigrationInterface {
  readonly name = 'PartnerSuspension1763860000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE partner ADD COLUMN suspended_at timestamptz(3), ADD COLUMN suspension_reason text
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner DROP COLUMN suspended_at, DROP COLUMN suspension_reason');
  }
}
