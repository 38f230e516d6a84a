import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Rules1763600000000 implements MigrationInterface {
  name = 'Rules1763600000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE rules (
        rule_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL,
        name text NOT NULL,
        action text NOT NULL,
        on_ok boolean NOT NULL,
        on_warning boolean NOT NULL,
        on_error boolean NOT NULL,
        all_event_types boolean NOT NULL,
        event_types text[] NOT NULL,
        brand_ids uuid[] NOT NULL,
        cust_ids integer[] NOT NULL,
        account_nos integer[] NOT NULL,
        enabled boolean NOT NULL,
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT rules_some_severity CHECK (on_ok OR on_warning OR on_error),
        CONSTRAINT rules_some_type CHECK (all_event_types OR cardinality(event_types) > 0)
      )`);
    await db.query(`CREATE INDEX rules_by_partner ON rules (partner_id, rule_id)`);
    // One row, locked by every change of a rule: versions become visible in their order, so a reader misses none.
    await db.query(
      `CREATE TABLE rules_version (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), version bigint NOT NULL)`,
    );
    await db.query(`INSERT INTO rules_version (version) VALUES (0)`);
    await db.query(
      `CREATE TABLE rules_partner_version (partner_id uuid PRIMARY KEY, version bigint NOT NULL)`,
    );
    await db.query(`CREATE INDEX rules_partner_version_by_version ON rules_partner_version (version)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE rules_partner_version`);
    await db.query(`DROP TABLE rules_version`);
    await db.query(`DROP TABLE rules`);
  }
}
