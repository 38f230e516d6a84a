import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What ingestion knows of partners, customers and accounts from the `accounts.*` topics. */
export class CreateAccountReadModel1763710000002 implements MigrationInterface {
  readonly name = 'CreateAccountReadModel1763710000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partner (
        partner_id uuid PRIMARY KEY,
        name text NOT NULL,
        is_suspended boolean NOT NULL
      );
      CREATE TABLE customer (
        partner_id uuid NOT NULL,
        cust_id int NOT NULL,
        brand_id uuid,
        name text NOT NULL,
        PRIMARY KEY (partner_id, cust_id)
      );
      CREATE TABLE account (
        account_no bigint PRIMARY KEY,
        partner_id uuid NOT NULL,
        cust_id int NOT NULL,
        brand_id uuid,
        username text NOT NULL,
        host_name text
      );
      CREATE INDEX account_by_customer ON account (partner_id, cust_id, lower(host_name));
      CREATE TABLE account_match (
        partner_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('host', 'device')),
        value text NOT NULL,
        account_no bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, kind, value, account_no)
      );
      COMMENT ON TABLE account_match IS 'what a person said when assigning a result: this host or device is that account';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE account_match, account, customer, partner');
  }
}
