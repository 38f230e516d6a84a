import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agent endpoints and their keys, of which only a digest is kept. */
export class CreateEndpoints1763710000003 implements MigrationInterface {
  readonly name = 'CreateEndpoints1763710000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE endpoint (
        id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        agent text NOT NULL,
        account_no bigint,
        cust_id int,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        rotated_at timestamptz,
        revoked_at timestamptz,
        CHECK (account_no IS NOT NULL OR cust_id IS NOT NULL)
      );
      CREATE INDEX endpoint_by_partner ON endpoint (partner_id, id);
      CREATE TABLE endpoint_key (
        key_hash bytea PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES endpoint (id),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        revoked_at timestamptz
      );
      CREATE INDEX endpoint_key_by_endpoint ON endpoint_key (endpoint_id);
      CREATE TABLE endpoint_version (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), version bigint NOT NULL);
      INSERT INTO endpoint_version (version) VALUES (1);
      COMMENT ON TABLE endpoint_version IS 'grows with every change that a key cache must notice';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE endpoint_version, endpoint_key, endpoint');
  }
}
