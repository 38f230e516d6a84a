import { protectTables, RUNTIME_ROLE } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LOG_FUNCTIONS } from './1764200100000-partition-functions.js';

const INDEXES = `
  ALTER TABLE event ADD PRIMARY KEY (partner_id, event_id);
  CREATE INDEX event_relay ON event (bucket, xid, event_id) WHERE bucket IS NOT NULL;
  CREATE INDEX event_watermark ON event (job_hash, occurred_at) WHERE is_conclusive;
  CREATE INDEX event_by_account ON event (account_no, event_id) WHERE account_no IS NOT NULL;
  CREATE INDEX event_unassigned ON event (partner_id, event_id) WHERE account_no IS NULL;
  CREATE INDEX event_held ON event (event_id) WHERE bucket IS NULL AND account_no IS NOT NULL AND NOT is_discarded;
  CREATE INDEX event_by_time ON event USING brin (event_id);`;

/** The table of before keeps its rows where they lie, as the partition of all time up to the next month. */
const KEEP_ROWS = `
  DO $$ DECLARE bound uuid := event_id_at(date_trunc('month', clock_timestamp(), 'UTC') + interval '1 month');
  BEGIN
    IF NOT EXISTS (SELECT FROM event_first) THEN
      DROP TABLE event_first;
    ELSE
      WITH ahead AS (DELETE FROM event_first WHERE event_id >= bound RETURNING *)
        INSERT INTO event_default SELECT * FROM ahead;
      EXECUTE format('ALTER TABLE event ATTACH PARTITION event_first FOR VALUES FROM (MINVALUE) TO (%L)', bound);
      INSERT INTO event_partition VALUES ('event_first', '00000000-0000-0000-0000-000000000000', bound);
    END IF;
    INSERT INTO event_partition
      SELECT 'event_default', '00000000-0000-0000-0000-000000000000', NULL, NOT EXISTS (SELECT FROM event_default);
  END $$`;

/** The event log by months of receipt, which event ids begin with. No row is copied, and none loses its place. */
export class PartitionEventLog1764200100000 implements MigrationInterface {
  readonly name = 'PartitionEventLog1764200100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL statement_timeout = 0;
      SET LOCAL app.partner = '*';
      LOCK TABLE event IN ACCESS EXCLUSIVE MODE;
      ALTER TABLE event RENAME TO event_first;
      DO $$ DECLARE old text; BEGIN
        FOR old IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'event_first' LOOP
          EXECUTE format('ALTER INDEX %I RENAME TO %I', old, replace(old, 'event_', 'event_first_'));
        END LOOP;
      END $$;
      CREATE TABLE event (LIKE event_first INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMMENTS)
        PARTITION BY RANGE (event_id);
      ${INDEXES}
      CREATE TABLE event_default PARTITION OF event DEFAULT;
      CREATE TABLE event_partition (
        name text PRIMARY KEY,
        from_id uuid NOT NULL,
        to_id uuid,
        is_settled boolean NOT NULL DEFAULT false
      );
      COMMENT ON TABLE event_default IS 'events that no month was prepared for; the next upkeep moves them';
      COMMENT ON COLUMN event_partition.is_settled IS 'nothing in it waits to be published; a trigger sees when that ends';
    `);
    await protectTables(runner, ['event', 'event_default']);
    await runner.query(LOG_FUNCTIONS);
    await runner.query(KEEP_ROWS);
    await runner.query(`
      CREATE TRIGGER unsettle AFTER INSERT OR UPDATE OF xid, bucket ON event_default
        FOR EACH ROW EXECUTE FUNCTION event_unsettle();
      REVOKE ALL ON FUNCTION event_log_prepare, event_log_settle, event_log_drop FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION event_log_prepare, event_log_settle, event_log_drop TO ${RUNTIME_ROLE};
      SELECT event_log_prepare(clock_timestamp() + interval '62 days');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL statement_timeout = 0;
      SET LOCAL app.partner = '*';
      CREATE TABLE event_whole (LIKE event INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMMENTS);
      INSERT INTO event_whole SELECT * FROM event;
      DROP TABLE event, event_partition;
      DROP FUNCTION event_log_prepare, event_log_settle, event_log_drop, event_log_waits, event_unsettle, event_id_at;
      ALTER TABLE event_whole RENAME TO event;
      ${INDEXES}
    `);
    await protectTables(runner, ['event']);
  }
}
