import { createRuntimeRole, grantRuntime, protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const READ_MODELS = `
  CREATE TABLE known_partner (partner_id uuid PRIMARY KEY, name text NOT NULL, is_suspended boolean NOT NULL);
  CREATE TABLE known_customer (partner_id uuid, cust_id bigint, name text NOT NULL, brand_id uuid, PRIMARY KEY (partner_id, cust_id));
  CREATE TABLE customer_map (partner_id uuid, cust_id bigint, psa_company_id text, PRIMARY KEY (partner_id, cust_id));
  CREATE TABLE psa_connection (
    connection_id uuid PRIMARY KEY,
    partner_id uuid NOT NULL,
    version text NOT NULL,
    endpoint text NOT NULL,
    sealed_secret text NOT NULL,
    is_enabled boolean NOT NULL,
    has_statistics boolean NOT NULL,
    needs_change boolean NOT NULL,
    egress text NOT NULL,
    trouble text,
    failures int NOT NULL DEFAULT 0,
    resume_at timestamptz NOT NULL DEFAULT '-infinity',
    next_push_at timestamptz NOT NULL DEFAULT '-infinity'
  );
  COMMENT ON COLUMN psa_connection.resume_at IS 'the PSA failed, or asked to be left alone: nothing is sent before then';
  COMMENT ON COLUMN psa_connection.next_push_at IS 'keeps the pushes of one connection apart';
  CREATE UNIQUE INDEX psa_connection_of_partner ON psa_connection (partner_id);`;

const FIGURES = `
  CREATE TABLE result_day (
    partner_id uuid, cust_id bigint, day date, successful int NOT NULL, failed int NOT NULL,
    PRIMARY KEY (partner_id, cust_id, day));
  COMMENT ON TABLE result_day IS 'finished backups of a customer by the UTC day on which they ended';`;

const SYNCS = `
  CREATE TABLE sync_customer (
    partner_id uuid, cust_id bigint,
    pushed_at timestamptz,
    pushed text,
    due_at timestamptz,
    is_unsent boolean NOT NULL DEFAULT false,
    ordered_sync_id uuid,
    attempts int NOT NULL DEFAULT 0,
    lease_id uuid,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (partner_id, cust_id));
  COMMENT ON COLUMN sync_customer.pushed_at IS 'the last push that succeeded: the twelve hours count from it';
  COMMENT ON COLUMN sync_customer.pushed IS 'JSON, the figures that the PSA holds';
  COMMENT ON COLUMN sync_customer.is_unsent IS 'something was counted since the figures were read';
  CREATE INDEX sync_customer_due ON sync_customer (partner_id, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX sync_customer_leased ON sync_customer (partner_id, lease_until) WHERE lease_id IS NOT NULL;
  CREATE TABLE sync_request (
    request_id uuid PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY,
    partner_id uuid NOT NULL, cust_id bigint NOT NULL, event_id uuid NOT NULL, rule_id uuid NOT NULL,
    account_no bigint NOT NULL, is_forced boolean NOT NULL, told text,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp());
  COMMENT ON TABLE sync_request IS 'those that wait for the push of their customer';
  COMMENT ON COLUMN sync_request.told IS 'why it waits, as its event log has been told';
  CREATE INDEX sync_request_of_customer ON sync_request (partner_id, cust_id, seq);
  CREATE TABLE sync (
    sync_id uuid PRIMARY KEY, partner_id uuid NOT NULL, cust_id bigint NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('event', 'reprocess', 'manual', 'window_end')),
    state text NOT NULL CHECK (state IN ('pending', 'pushed', 'skipped', 'failed')),
    reason text, message text, before text, figures text, report_id text, event_id uuid, account_no bigint,
    events int NOT NULL DEFAULT 0, window_started_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), ended_at timestamptz);
  COMMENT ON COLUMN sync.events IS 'how many events asked for it; of a skipped one, how many the twelve hours held back';
  CREATE INDEX sync_of_partner ON sync (partner_id, sync_id DESC);
  CREATE INDEX sync_of_customer ON sync (partner_id, cust_id, sync_id DESC);
  CREATE INDEX sync_ended ON sync (created_at);
  CREATE UNIQUE INDEX sync_skipped_of_window ON sync (partner_id, cust_id, window_started_at) WHERE state = 'skipped';`;

const PROTECTED = [
  'known_partner', 'known_customer', 'known_brand', 'customer_map', 'psa_connection', 'result_day', 'sync_customer',
  'sync_request', 'sync', 'idempotency_key',
]; // prettier-ignore

/** What accounts publishes, as far as figures need it; the figures; when they were pushed and what became of it. */
export class Syncs1764200000000 implements MigrationInterface {
  readonly name = 'Syncs1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [READ_MODELS, FIGURES, SYNCS]) await runner.query(sql);
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, PROTECTED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE sync, sync_request, sync_customer, result_day, psa_connection, customer_map, known_customer, known_partner',
    );
  }
}
