import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When it was so that a mapped company is not as it should be: what was asked before says nothing of now. */
export class MapProblemsAt1763920000000 implements MigrationInterface {
  readonly name = 'MapProblemsAt1763920000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE customer_map ADD COLUMN problems_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customer_map DROP COLUMN problems_at');
  }
}
