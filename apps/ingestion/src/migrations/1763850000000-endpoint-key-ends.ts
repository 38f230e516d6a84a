import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Until when a replaced key works beside its successor, and when an endpoint was last heard of. */
export class EndpointKeyEnds1763850000000 implements MigrationInterface {
  readonly name = 'EndpointKeyEnds1763850000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE endpoint_key
        ADD COLUMN works_until timestamptz,
        ADD COLUMN last_used_at timestamptz;
      COMMENT ON COLUMN endpoint_key.works_until IS 'it was replaced, and works beside its successor until then';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE endpoint_key DROP COLUMN works_until, DROP COLUMN last_used_at');
  }
}
