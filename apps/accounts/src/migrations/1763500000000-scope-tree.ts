import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Partners and what hangs below them. Foreign keys carry the partner, so that no row can hang below another's. */
export class ScopeTree1763500000000 implements MigrationInterface {
  readonly name = 'ScopeTree1763500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partner (
        partner_id uuid PRIMARY KEY,
        name text NOT NULL,
        is_suspended boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE brand (
        partner_id uuid NOT NULL REFERENCES partner,
        brand_id uuid NOT NULL,
        name text NOT NULL,
        parent_id uuid,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, brand_id),
        FOREIGN KEY (partner_id, parent_id) REFERENCES brand (partner_id, brand_id)
      );
      CREATE UNIQUE INDEX brand_root ON brand (partner_id) WHERE parent_id IS NULL;
      CREATE SEQUENCE cust_id_seq START 34826;
      CREATE SEQUENCE account_no_seq START 80202028;
      CREATE TABLE customer (
        partner_id uuid NOT NULL REFERENCES partner,
        cust_id bigint NOT NULL,
        brand_id uuid NOT NULL,
        name text NOT NULL,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partner_id, cust_id),
        FOREIGN KEY (partner_id, brand_id) REFERENCES brand (partner_id, brand_id)
      );
      CREATE TABLE account (
        partner_id uuid NOT NULL,
        account_no bigint PRIMARY KEY,
        cust_id bigint NOT NULL,
        username text NOT NULL,
        host_name text,
        parent_account_no bigint,
        role text NOT NULL,
        contact text,
        password_hash text,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (partner_id, cust_id, account_no),
        FOREIGN KEY (partner_id, cust_id) REFERENCES customer (partner_id, cust_id),
        FOREIGN KEY (partner_id, cust_id, parent_account_no) REFERENCES account (partner_id, cust_id, account_no)
      );
      CREATE UNIQUE INDEX account_username ON account (partner_id, lower(username));
      CREATE INDEX account_of_customer ON account (partner_id, cust_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE account, customer, brand, partner; DROP SEQUENCE cust_id_seq, account_no_seq',
    );
  }
}
