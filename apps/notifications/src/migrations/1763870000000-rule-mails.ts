import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which rules' requests wait for which mails. */
export class RuleMails1763870000000 implements MigrationInterface {
  readonly name = 'RuleMails1763870000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rule_mail (
        request_id uuid NOT NULL,
        mail_id uuid NOT NULL REFERENCES mail ON DELETE CASCADE,
        partner_id uuid NOT NULL,
        account_no bigint NOT NULL,
        event_id uuid NOT NULL,
        rule_id uuid NOT NULL,
        PRIMARY KEY (request_id, mail_id)
      );
      CREATE INDEX rule_mail_by_mail ON rule_mail (mail_id);
    `);
    await protectTables(runner, ['rule_mail']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rule_mail');
  }
}
