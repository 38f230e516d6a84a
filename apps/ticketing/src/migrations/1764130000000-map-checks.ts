import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the companies of a connection's customer map were looked for in the PSA, by whom now, and what accounts was told. */
export class MapChecks1764130000000 implements MigrationInterface {
  readonly name = 'MapChecks1764130000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE psa_connection
        ADD COLUMN map_checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ADD COLUMN map_after bigint NOT NULL DEFAULT 0,
        ADD COLUMN map_lease_until timestamptz NOT NULL DEFAULT '-infinity';
      ALTER TABLE customer_map ADD COLUMN problems text;
      COMMENT ON COLUMN psa_connection.map_after IS 'customers up to this one have been looked at in this round';
      COMMENT ON COLUMN customer_map.problems IS 'JSON, what accounts was told last of this mapping; null: nothing yet';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE customer_map DROP COLUMN problems;
      ALTER TABLE psa_connection DROP COLUMN map_checked_at, DROP COLUMN map_after, DROP COLUMN map_lease_until;
    `);
  }
}
