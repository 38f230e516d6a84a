import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A ticket's id is written to its incident once, a lane's row several times for each command. No index tells of the first
 * any more, and the second has room beside it: so most of these updates touch no index.
 */
export class CheaperUpdates1763800500000 implements MigrationInterface {
  readonly name = 'CheaperUpdates1763800500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX incident_unchecked;
      CREATE INDEX incident_unchecked ON incident (opened_at);
      ALTER TABLE incident SET (fillfactor = 70);
      ALTER TABLE command SET (fillfactor = 70);
      ALTER TABLE lane SET (fillfactor = 40);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX incident_unchecked;
      CREATE INDEX incident_unchecked ON incident (opened_at) WHERE ticket_id IS NOT NULL OR state = 'open';
      ALTER TABLE incident RESET (fillfactor);
      ALTER TABLE command RESET (fillfactor);
      ALTER TABLE lane RESET (fillfactor);
    `);
  }
}
