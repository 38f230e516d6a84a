import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which alarms the brake holds, so that operators see them and decide. What is held now goes out by itself. */
export class HeldAlarms1764300000000 implements MigrationInterface {
  readonly name = 'HeldAlarms1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE expectation ADD held_at timestamptz;
      COMMENT ON COLUMN expectation.held_at IS 'since when its alarm is held; null: none is';
      CREATE INDEX expectation_held ON expectation (partner_id) WHERE held_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expectation_held; ALTER TABLE expectation DROP held_at');
  }
}
