import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the PSA said of a mapped company when it was mapped (D6). */
export class MapProblems1763900000000 implements MigrationInterface {
  readonly name = 'MapProblems1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE customer_map ADD COLUMN problems text NOT NULL DEFAULT '[]';
      COMMENT ON COLUMN customer_map.problems IS 'JSON: words such as company_type';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customer_map DROP COLUMN problems');
  }
}
