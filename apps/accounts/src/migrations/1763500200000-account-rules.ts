import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One password an account, one company a customer even while two change places, five connection tests a minute. */
export class AccountRules1763500200000 implements MigrationInterface {
  readonly name = 'AccountRules1763500200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE account ADD COLUMN password_fingerprint text;
      CREATE UNIQUE INDEX account_password ON account (partner_id, password_fingerprint);
      DROP INDEX customer_map_company;
      ALTER TABLE customer_map ADD CONSTRAINT customer_map_company
        UNIQUE (partner_id, provider, psa_company_id) DEFERRABLE INITIALLY DEFERRED;
      CREATE TABLE connection_test (
        partner_id uuid PRIMARY KEY REFERENCES partner,
        recent timestamptz[] NOT NULL
      );
      COMMENT ON COLUMN connection_test.recent IS 'the last five, oldest first';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE connection_test;
      ALTER TABLE customer_map DROP CONSTRAINT customer_map_company;
      CREATE UNIQUE INDEX customer_map_company ON customer_map (partner_id, provider, psa_company_id) WHERE psa_company_id IS NOT NULL;
      DROP INDEX account_password;
      ALTER TABLE account DROP COLUMN password_fingerprint;
    `);
  }
}
