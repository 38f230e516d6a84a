import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const AGENT = `nullif(split_part(split_part(e.body, '"source":{"agent":"', 2), '"', 1), '')`;
const MACHINE = `nullif(split_part(split_part(e.body, '"machineClass":"', 2), '"', 1), '')`;
const BYTES = `split_part(split_part(e.body, '"bytes":{', 2), '}', 1)`;
const STORED = `substring(split_part(split_part(${BYTES}, '"storedAfter":', 2), ',', 1) FROM '^[0-9]{1,15}$')::bigint`;

/** Searches that are kept, and of each job what its reports said last, which most of them look through. */
export class SavedSearches1764410000000 implements MigrationInterface {
  readonly name = 'SavedSearches1764410000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL statement_timeout = 0;
      SET LOCAL app.partner = '*';
      CREATE TABLE saved_search (
        search_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        owner_brand_id uuid,
        name text NOT NULL,
        kind text NOT NULL,
        conditions json NOT NULL,
        columns text[] NOT NULL,
        created_by text NOT NULL,
        version int NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE INDEX saved_search_by_partner ON saved_search (partner_id, search_id);
      CREATE INDEX account_by_partner ON account (partner_id, account_no);
      ALTER TABLE expectation ADD heard json;
      COMMENT ON COLUMN expectation.heard IS 'what the job''s reports said last: who it is, and how its last run ended';
      UPDATE expectation x SET heard = json_build_object('agent', ${AGENT}, 'hostName', e.host_name, 'jobName', e.job,
          'machineClass', coalesce(${MACHINE}, 'unknown'), 'status', e.status, 'severity', e.severity,
          'endedMs', (extract(epoch FROM e.occurred_at) * 1000)::bigint, 'storedBytes', ${STORED})
        FROM event e WHERE e.partner_id = x.partner_id AND e.event_id = x.last_event_id AND x.job_hash <> 0
          AND e.is_conclusive AND e.type LIKE 'backup.%';
    `);
    await protectTables(runner, ['saved_search']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE saved_search; DROP INDEX account_by_partner; ALTER TABLE expectation DROP heard',
    );
  }
}
