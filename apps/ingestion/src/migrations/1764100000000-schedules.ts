import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['expectation', 'account_schedule', 'alarm_hold', 'alarm_tally'];

/** When a run is expected of which job, who is silent for too long, and how far ingestion itself may be believed. */
export class Schedules1764100000000 implements MigrationInterface {
  readonly name = 'Schedules1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE account ADD role text;
      CREATE TABLE expectation (
        account_no bigint NOT NULL,
        job_hash bigint NOT NULL,
        partner_id uuid NOT NULL,
        bucket smallint NOT NULL,
        due_at timestamptz,
        status text NOT NULL CHECK (status IN ('waiting', 'missed', 'stalled', 'never_run', 'warned', 'overdue')),
        ver int NOT NULL DEFAULT 0,
        known_since timestamptz NOT NULL,
        last_event_id uuid,
        last_run_at timestamptz,
        last_saved_at timestamptz,
        running_at timestamptz,
        excused_at timestamptz,
        told_at timestamptz,
        rhythm json,
        PRIMARY KEY (account_no, job_hash)
      );
      CREATE INDEX expectation_due ON expectation (bucket, due_at) WHERE due_at IS NOT NULL;
      COMMENT ON COLUMN expectation.job_hash IS 'as in event; 0: the account as a whole';
      COMMENT ON COLUMN expectation.due_at IS 'when to look at it, should nothing come; null: nothing is expected';
      CREATE TABLE account_schedule (
        account_no bigint PRIMARY KEY,
        partner_id uuid NOT NULL,
        settings json NOT NULL,
        version int NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE TABLE schedule_bucket (
        bucket smallint PRIMARY KEY,
        pos_xid xid8 NOT NULL,
        pos_id uuid NOT NULL,
        looked_at timestamptz NOT NULL
      );
      COMMENT ON TABLE schedule_bucket IS 'how far the event log was followed, and when last to its end';
      INSERT INTO schedule_bucket
        SELECT n, pg_current_xact_id(), '00000000-0000-0000-0000-000000000000', clock_timestamp() FROM generate_series(0, 63) n;
      CREATE TABLE ingest_watch (id smallint PRIMARY KEY CHECK (id = 1), beat_at timestamptz NOT NULL);
      INSERT INTO ingest_watch VALUES (1, clock_timestamp());
      CREATE TABLE ingest_outage (from_at timestamptz PRIMARY KEY, to_at timestamptz NOT NULL);
      CREATE TABLE alarm_hold (
        partner_id uuid PRIMARY KEY,
        held_at timestamptz NOT NULL,
        releases_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL
      );
      CREATE TABLE alarm_tally (
        partner_id uuid NOT NULL,
        minute timestamptz NOT NULL,
        alarms int NOT NULL,
        PRIMARY KEY (partner_id, minute)
      );
      COMMENT ON TABLE alarm_hold IS 'whose alarms are held, since so many at once are a fault of ours; partner 0 is all';
    `);
    await protectTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE alarm_tally, alarm_hold, ingest_outage, ingest_watch, schedule_bucket, account_schedule, expectation;
       ALTER TABLE account DROP role`,
    );
  }
}
