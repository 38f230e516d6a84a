import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a brand's people find help. */
export class BrandSupport1764500000000 implements MigrationInterface {
  readonly name = 'BrandSupport1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE brand ADD COLUMN support text;
      COMMENT ON COLUMN brand.support IS 'JSON { url, phones }; null: says nothing, and what stands above it holds';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE brand DROP COLUMN support');
  }
}
