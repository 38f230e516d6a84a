import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One ticket for a customer of whom many accounts fail: which stand, and which problems are part of them. */
export class SiteOutages1764119000000 implements MigrationInterface {
  readonly name = 'SiteOutages1764119000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE rules ADD COLUMN site_accounts integer, ADD COLUMN site_within_minutes integer;
      ALTER TABLE raised ADD COLUMN site_cust_id integer;
      COMMENT ON COLUMN raised.site_cust_id IS 'the customer whose outage ticket tells of it; null: a ticket of its own';
      CREATE INDEX raised_by_site ON raised (rule_id, site_cust_id) WHERE site_cust_id IS NOT NULL;
      ALTER TABLE problem_watch ADD COLUMN site_cust_id integer;
      COMMENT ON COLUMN problem_watch.site_cust_id IS 'it waits to see whether other accounts of this customer fail, too';
      CREATE INDEX problem_watch_by_site ON problem_watch (rule_id, site_cust_id) WHERE site_cust_id IS NOT NULL;
      CREATE TABLE site_outage (
        rule_id uuid NOT NULL,
        cust_id integer NOT NULL,
        partner_id uuid NOT NULL,
        standing json,
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (rule_id, cust_id)
      );
      COMMENT ON TABLE site_outage IS 'stays when the outage is over: whoever asks for its ticket locks the row';
      COMMENT ON COLUMN site_outage.standing IS 'where the ticket is kept, since when; null: none stands';
      CREATE TABLE site_leaver (
        leaver_id uuid PRIMARY KEY,
        rule_id uuid NOT NULL,
        cust_id integer NOT NULL,
        partner_id uuid NOT NULL,
        request json
      );
      COMMENT ON TABLE site_leaver IS 'problems that are over and were part of an outage, with what ends it if they were the last';
      CREATE INDEX site_leaver_by_site ON site_leaver (rule_id, cust_id);
    `);
    await protectTables(runner, ['site_outage', 'site_leaver']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE site_outage, site_leaver;
      ALTER TABLE problem_watch DROP COLUMN site_cust_id;
      ALTER TABLE raised DROP COLUMN site_cust_id;
      ALTER TABLE rules DROP COLUMN site_accounts, DROP COLUMN site_within_minutes;
    `);
  }
}
