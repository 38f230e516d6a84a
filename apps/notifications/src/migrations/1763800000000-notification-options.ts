import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['known_account', 'notification_options'];

/** Copies of the accounts, and which of their own notifications are on. */
export class NotificationOptions1763800000000 implements MigrationInterface {
  readonly name = 'NotificationOptions1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_account (
        partner_id uuid NOT NULL,
        account_no bigint PRIMARY KEY,
        brand_id uuid,
        username text NOT NULL,
        role text,
        contact text
      );
      CREATE TABLE notification_options (
        partner_id uuid NOT NULL,
        account_no bigint PRIMARY KEY,
        switched jsonb NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz(3) NOT NULL
      );
      COMMENT ON COLUMN notification_options.switched IS 'by option, what somebody chose; the rest is as by default';
    `);
    await protectTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notification_options, known_account');
  }
}
