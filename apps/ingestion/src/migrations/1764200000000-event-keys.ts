import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which report became which event, in a table of its own: a partitioned log has no unique index over all of it, and a
 * repeat of a report may come long after the month of its event.
 */
export class EventKeys1764200000000 implements MigrationInterface {
  readonly name = 'EventKeys1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL statement_timeout = 0;
      SET LOCAL app.partner = '*';
      LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE;
      CREATE TABLE event_key (dedupe_id uuid NOT NULL, event_id uuid NOT NULL);
      INSERT INTO event_key SELECT dedupe_id, event_id FROM event ORDER BY dedupe_id;
      ALTER TABLE event_key ADD PRIMARY KEY (dedupe_id);
      DROP INDEX event_dedupe;
      COMMENT ON TABLE event_key IS 'the same report is one event; a key goes with its event';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL statement_timeout = 0;
      CREATE UNIQUE INDEX event_dedupe ON event (dedupe_id);
      DROP TABLE event_key;
    `);
  }
}
