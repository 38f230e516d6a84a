import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Errors that wait for the report of their run have an account and no bucket yet. Event ids sort by time, so a block
 * range index is all that retention needs of them, and reading one event names its partner anyway.
 */
export class HoldKopiaErrors1763710000004 implements MigrationInterface {
  readonly name = 'HoldKopiaErrors1763710000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX event_held ON event (event_id)
        WHERE bucket IS NULL AND account_no IS NOT NULL AND NOT is_discarded;
      ALTER TABLE event DROP CONSTRAINT event_pkey;
      DROP INDEX event_by_partner;
      ALTER TABLE event ADD PRIMARY KEY (partner_id, event_id);
      CREATE INDEX event_by_time ON event USING brin (event_id);
      COMMENT ON COLUMN event.bucket IS 'of the relay; null while no account is known, or while the event is held';
      COMMENT ON COLUMN event.is_discarded IS 'a person threw it away, or it tells of a run whose report is here too';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX event_held;
      DROP INDEX event_by_time;
      ALTER TABLE event DROP CONSTRAINT event_pkey;
      ALTER TABLE event ADD PRIMARY KEY (event_id);
      CREATE INDEX event_by_partner ON event (partner_id, event_id);
    `);
  }
}
