import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Times in which nothing is opened. */
export class Silences1764100000000 implements MigrationInterface {
  readonly name = 'Silences1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE silences (
        silence_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        owner_brand_id uuid,
        kind text NOT NULL,
        brand_ids uuid[] NOT NULL,
        cust_ids integer[] NOT NULL,
        account_nos integer[] NOT NULL,
        host_names text[] NOT NULL,
        job_names text[] NOT NULL,
        event_types text[] NOT NULL,
        starts_at timestamptz(3) NOT NULL,
        ends_at timestamptz(3),
        weekly jsonb,
        reason text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT silences_end CHECK (ends_at > starts_at OR (ends_at IS NULL AND weekly IS NOT NULL))
      );
      CREATE INDEX silences_by_partner ON silences (partner_id, silence_id);
    `);
    await protectTables(runner, ['silences']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE silences');
  }
}
