import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['event_retention'];

/** For how long a partner keeps its event log; without a row here as long as the installation says. */
export class EventRetention1764200200000 implements MigrationInterface {
  readonly name = 'EventRetention1764200200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_retention (
        partner_id uuid PRIMARY KEY,
        days int NOT NULL CHECK (days BETWEEN 35 AND 3650)
      )`);
    await protectTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_retention');
  }
}
