import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'event_handlers',
  'event_handler_secret',
  'event_handler_run',
  'event_handler_action',
  'event_handler_mail',
];

/** Automated event handlers, each time one was set going, and the calls and mails that it asked for. */
export class EventHandlers1764400000000 implements MigrationInterface {
  readonly name = 'EventHandlers1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HANDLERS);
    await runner.query(RUNS);
    await runner.query(CALLS);
    await protectTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE event_handler_mail, event_handler_action, event_handler_run, event_handler_secret, event_handlers;
      DELETE FROM webhook_deliveries WHERE rule_id IS NULL;
      ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_owner, DROP COLUMN handler_id,
        DROP COLUMN is_request, DROP COLUMN url, ALTER rule_id SET NOT NULL, ALTER account_no SET NOT NULL;
      ALTER TABLE known_account DROP COLUMN cust_id, DROP COLUMN host_name;
    `);
  }
}

const HANDLERS = `
  CREATE TABLE event_handlers (
    handler_id uuid PRIMARY KEY,
    partner_id uuid NOT NULL,
    owner_brand_id uuid,
    name text NOT NULL,
    enabled boolean NOT NULL,
    api text,
    event_types text[],
    severities text[],
    conditions jsonb NOT NULL,
    actions jsonb NOT NULL,
    brand_ids uuid[] NOT NULL,
    cust_ids integer[] NOT NULL,
    account_nos integer[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT event_handlers_source CHECK ((api IS NULL) = (event_types IS NOT NULL AND severities IS NOT NULL))
  );
  CREATE INDEX event_handlers_by_partner ON event_handlers (partner_id, handler_id);
  CREATE INDEX event_handlers_by_api ON event_handlers (partner_id, api);
  CREATE TABLE event_handler_secret (
    handler_id uuid PRIMARY KEY REFERENCES event_handlers ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    sealed text NOT NULL,
    replaced_sealed text,
    replaced_until timestamptz(3)
  );
  COMMENT ON COLUMN event_handler_secret.replaced_sealed IS 'the one of before, which signs beside it for a while';
`;

const RUNS = `
  CREATE TABLE event_handler_run (
    run_id uuid PRIMARY KEY,
    partner_id uuid NOT NULL,
    handler_id uuid NOT NULL,
    event_id uuid,
    request_id uuid,
    account_no integer,
    at timestamptz(3) NOT NULL,
    CONSTRAINT event_handler_run_cause CHECK ((event_id IS NULL) <> (request_id IS NULL))
  );
  COMMENT ON TABLE event_handler_run IS 'kept for a while, also when its handler is gone';
  CREATE INDEX event_handler_run_by_handler ON event_handler_run (partner_id, handler_id, at, run_id);
  CREATE INDEX event_handler_run_by_age ON event_handler_run (at);
  CREATE TABLE event_handler_action (
    action_id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES event_handler_run ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    place smallint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'skipped')),
    reason text,
    message text,
    at timestamptz(3) NOT NULL
  );
  COMMENT ON COLUMN event_handler_action.action_id IS 'of one that calls: the id of the delivery as well';
  CREATE INDEX event_handler_action_by_run ON event_handler_action (run_id, place);
  CREATE TABLE event_handler_mail (
    action_id uuid NOT NULL REFERENCES event_handler_action ON DELETE CASCADE,
    mail_id uuid NOT NULL REFERENCES mail ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    PRIMARY KEY (action_id, mail_id)
  );
  CREATE INDEX event_handler_mail_by_mail ON event_handler_mail (mail_id);
`;

const CALLS = `
  ALTER TABLE webhook_deliveries ALTER rule_id DROP NOT NULL, ALTER account_no DROP NOT NULL,
    ADD COLUMN handler_id uuid, ADD COLUMN is_request boolean NOT NULL DEFAULT false, ADD COLUMN url text,
    ADD CONSTRAINT webhook_deliveries_owner CHECK ((rule_id IS NULL) <> (handler_id IS NULL));
  ALTER TABLE known_account ADD COLUMN cust_id integer, ADD COLUMN host_name text;
`;
