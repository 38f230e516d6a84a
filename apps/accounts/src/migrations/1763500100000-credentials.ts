import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys and the links to PSAs. */
export class Credentials1763500100000 implements MigrationInterface {
  readonly name = 'Credentials1763500100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_key (
        partner_id uuid NOT NULL REFERENCES partner,
        api_key_id uuid NOT NULL,
        key_id text NOT NULL UNIQUE,
        name text NOT NULL,
        secret_hash text NOT NULL,
        scopes text[] NOT NULL,
        role text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, api_key_id)
      );
      CREATE TABLE psa_connection (
        partner_id uuid NOT NULL REFERENCES partner,
        provider text NOT NULL,
        connection_id uuid NOT NULL UNIQUE,
        endpoint text NOT NULL,
        sealed_secret text NOT NULL,
        version int NOT NULL DEFAULT 1,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, provider)
      );
      CREATE TABLE psa_settings (
        partner_id uuid NOT NULL REFERENCES partner,
        provider text NOT NULL,
        settings text NOT NULL,
        version int NOT NULL DEFAULT 1,
        PRIMARY KEY (partner_id, provider)
      );
      CREATE TABLE customer_map (
        partner_id uuid NOT NULL,
        provider text NOT NULL,
        cust_id bigint NOT NULL,
        psa_company_id text,
        contract_id text,
        agreement_id text,
        version int NOT NULL DEFAULT 1,
        PRIMARY KEY (partner_id, provider, cust_id),
        FOREIGN KEY (partner_id, cust_id) REFERENCES customer (partner_id, cust_id) ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX customer_map_company ON customer_map (partner_id, provider, psa_company_id) WHERE psa_company_id IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE customer_map, psa_settings, psa_connection, api_key');
  }
}
