import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The board or queue on which a ticket was opened, so that it is seen when people move it (E64). */
export class TicketPlace1764000200000 implements MigrationInterface {
  readonly name = 'TicketPlace1764000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE incident ADD COLUMN ticket_place text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE incident DROP COLUMN ticket_place');
  }
}
