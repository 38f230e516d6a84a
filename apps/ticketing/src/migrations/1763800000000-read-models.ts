import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What accounts publishes, as far as tickets need it. */
export class ReadModels1763800000000 implements MigrationInterface {
  readonly name = 'ReadModels1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_partner (partner_id uuid PRIMARY KEY, name text NOT NULL, is_suspended boolean NOT NULL);
      CREATE TABLE known_customer (partner_id uuid, cust_id bigint, name text NOT NULL, PRIMARY KEY (partner_id, cust_id));
      CREATE TABLE known_account (account_no bigint PRIMARY KEY, partner_id uuid NOT NULL, cust_id bigint NOT NULL, username text NOT NULL, host_name text);
      CREATE TABLE customer_map (partner_id uuid, cust_id bigint, psa_company_id text, PRIMARY KEY (partner_id, cust_id));
      CREATE TABLE psa_connection (
        connection_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        version text NOT NULL,
        endpoint text NOT NULL,
        sealed_secret text NOT NULL,
        is_enabled boolean NOT NULL,
        ticketing text NOT NULL,
        breaker text NOT NULL DEFAULT 'closed' CHECK (breaker IN ('closed', 'open', 'half_open')),
        breaker_until timestamptz NOT NULL DEFAULT '-infinity',
        breaker_opens int NOT NULL DEFAULT 0,
        resume_at timestamptz NOT NULL DEFAULT '-infinity',
        trouble text,
        tokens double precision NOT NULL DEFAULT 20,
        tokens_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        rate_per_minute double precision NOT NULL,
        max_rate_per_minute double precision NOT NULL,
        max_in_flight int NOT NULL,
        full_in_flight int NOT NULL,
        ramped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        claimed_at timestamptz NOT NULL DEFAULT '-infinity'
      );
      CREATE UNIQUE INDEX psa_connection_of_partner ON psa_connection (partner_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE psa_connection, customer_map, known_account, known_customer, known_partner',
    );
  }
}
