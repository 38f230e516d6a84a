import type { MigrationInterface, QueryRunner } from 'typeorm';

const INCIDENTS = `
  CREATE TABLE incident (
    incident_id uuid PRIMARY KEY,
    partner_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    cust_id bigint NOT NULL,
    account_no bigint NOT NULL,
    incident_key text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'resolved')),
    severity text NOT NULL,
    rule_id uuid NOT NULL,
    opened_event_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    marker text NOT NULL UNIQUE,
    subject text NOT NULL,
    occurrences int NOT NULL DEFAULT 1,
    occurred_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    ticket_id text,
    ticket_number text,
    ticket_url text,
    ticket_state text,
    checked_at timestamptz
  );
  CREATE UNIQUE INDEX incident_open ON incident (account_no, incident_key) WHERE state = 'open';
  CREATE INDEX incident_newest ON incident (account_no, incident_key, opened_at DESC);
  CREATE INDEX incident_of_partner ON incident (partner_id, incident_id);
  CREATE INDEX incident_unchecked ON incident (opened_at) WHERE ticket_id IS NOT NULL OR state = 'open';
  CREATE TABLE incident_entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    text text NOT NULL,
    event_id uuid
  );
  CREATE INDEX incident_entry_of ON incident_entry (incident_id, entry_id);
`;

const LANES = `
  CREATE TABLE lane (
    lane_key text PRIMARY KEY,
    connection_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    cust_id bigint NOT NULL,
    account_no bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('idle', 'ready', 'running', 'attention')),
    reason text,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease_epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
  );
  CREATE INDEX lane_due ON lane (connection_id, next_attempt_at) WHERE state IN ('ready', 'running');
  CREATE INDEX lane_of_partner ON lane (partner_id, lane_key);
  CREATE TABLE command (
    command_id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    lane_key text NOT NULL REFERENCES lane,
    incident_id uuid NOT NULL REFERENCES incident,
    kind text NOT NULL CHECK (kind IN ('create', 'note', 'close', 'reopen')),
    status text NOT NULL CHECK (status IN ('planned', 'sending', 'unknown', 'done', 'dead', 'suppressed')),
    content text NOT NULL,
    sent_at timestamptz,
    finished_at timestamptz
  );
  CREATE INDEX command_head ON command (lane_key, seq) WHERE status IN ('planned', 'sending', 'unknown');
  CREATE INDEX command_of_incident ON command (incident_id);
  CREATE TABLE command_request (
    command_id uuid NOT NULL REFERENCES command ON DELETE CASCADE,
    request_id uuid NOT NULL,
    event_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    PRIMARY KEY (command_id, request_id)
  );
`;

/** Incidents, and per account the ordered work that makes the PSA look as they want. */
export class IncidentsAndLanes1763800100000 implements MigrationInterface {
  readonly name = 'IncidentsAndLanes1763800100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INCIDENTS);
    await runner.query(LANES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE command_request, command, lane, incident_entry, incident');
  }
}
