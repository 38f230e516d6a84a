import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where an API key may be used, until when once it was replaced, and when it last was. */
export class ApiKeyLimits1763850000000 implements MigrationInterface {
  readonly name = 'ApiKeyLimits1763850000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key
        ADD COLUMN allowed_cidrs text[] NOT NULL DEFAULT '{}',
        ADD COLUMN overlap_until timestamptz,
        ADD COLUMN last_used_at timestamptz,
        ADD COLUMN last_used_ip text;
      COMMENT ON COLUMN api_key.overlap_until IS 'it was replaced, and works beside its successor until then';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key DROP COLUMN allowed_cidrs, DROP COLUMN overlap_until, DROP COLUMN last_used_at, DROP COLUMN last_used_ip`);
  }
}
