import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The event log, which is also the outbox of `backup.events.v1`: nothing updates a row that has an account. */
export class CreateEventLog1763710000000 implements MigrationInterface {
  readonly name = 'CreateEventLog1763710000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event (
        event_id uuid PRIMARY KEY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        partner_id uuid NOT NULL,
        dedupe_id uuid NOT NULL,
        body_hash bytea NOT NULL,
        account_no bigint,
        cust_id int,
        bucket smallint,
        job_hash bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        is_conclusive boolean NOT NULL,
        is_success boolean NOT NULL,
        type text NOT NULL,
        severity text NOT NULL,
        traceparent text,
        body text NOT NULL,
        detail text,
        raw bytea,
        is_discarded boolean NOT NULL DEFAULT false
      );
      ALTER TABLE event ALTER body SET STORAGE EXTERNAL, ALTER detail SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL;
      CREATE UNIQUE INDEX event_dedupe ON event (dedupe_id);
      CREATE INDEX event_relay ON event (bucket, xid, event_id) WHERE bucket IS NOT NULL;
      CREATE INDEX event_watermark ON event (job_hash, occurred_at) WHERE is_conclusive;
      CREATE INDEX event_by_partner ON event (partner_id, event_id);
      CREATE INDEX event_by_account ON event (account_no, event_id) WHERE account_no IS NOT NULL;
      CREATE INDEX event_unassigned ON event (partner_id, event_id) WHERE account_no IS NULL;
      COMMENT ON COLUMN event.body IS 'the canonical event as JSON, its long parts in detail; text, since jsonb refuses what agents write';
      COMMENT ON COLUMN event.raw IS 'the report byte for byte; null once its retention is over';
      COMMENT ON COLUMN event.bucket IS 'of the relay; null while no account is known';
      CREATE TABLE event_replay (
        event_id uuid PRIMARY KEY,
        replays int NOT NULL,
        last_replay_at timestamptz NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_replay, event');
  }
}
