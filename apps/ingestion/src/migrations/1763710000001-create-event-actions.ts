import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the rules decided for an event and what came of it. */
export class CreateEventActions1763710000001 implements MigrationInterface {
  readonly name = 'CreateEventActions1763710000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_decision (
        event_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        at timestamptz NOT NULL
      );
      CREATE TABLE event_action (
        event_id uuid NOT NULL,
        request_id uuid NOT NULL,
        partner_id uuid NOT NULL,
        rule_id uuid NOT NULL,
        rule_name text,
        action text,
        state text NOT NULL,
        reason text,
        message text,
        provider text,
        ticket_id text,
        ticket_number text,
        at timestamptz NOT NULL,
        PRIMARY KEY (event_id, request_id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_action, event_decision');
  }
}
