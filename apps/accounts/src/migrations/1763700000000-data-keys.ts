import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A data key for each partner, wrapped; keys of the platform's own; what a rotation has to remember. */
export class DataKeys1763700000000 implements MigrationInterface {
  readonly name = 'DataKeys1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE data_key (
        partner_id uuid NOT NULL REFERENCES partner,
        version int NOT NULL,
        kek_id text NOT NULL,
        wrapped text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, version)
      );
      COMMENT ON TABLE data_key IS 'the highest version seals';
      CREATE TABLE platform_key (
        purpose text PRIMARY KEY,
        kek_id text NOT NULL,
        wrapped text NOT NULL
      );
      CREATE TABLE key_rotation (
        rotation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        partner_id uuid REFERENCES partner,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished_at timestamptz
      );
      COMMENT ON TABLE key_rotation IS 'new data keys for one partner, or with a null for all';
    `);
    await protectTables(runner, ['data_key', 'key_rotation']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_rotation, platform_key, data_key');
  }
}
