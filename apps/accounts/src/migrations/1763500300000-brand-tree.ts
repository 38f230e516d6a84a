import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a brand hangs, in the row itself; whose rights an account has, wherever its customer moves; asked-for changes. */
export class BrandTree1763500300000 implements MigrationInterface {
  readonly name = 'BrandTree1763500300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE brand ADD COLUMN path uuid[];
      WITH RECURSIVE tree AS (
        SELECT partner_id, brand_id, ARRAY[brand_id] AS path FROM brand WHERE parent_id IS NULL
        UNION ALL
        SELECT b.partner_id, b.brand_id, t.path || b.brand_id
        FROM brand b JOIN tree t ON t.partner_id = b.partner_id AND t.brand_id = b.parent_id
      )
      UPDATE brand b SET path = t.path FROM tree t WHERE t.partner_id = b.partner_id AND t.brand_id = b.brand_id;
      ALTER TABLE brand ALTER COLUMN path SET NOT NULL,
        ADD CONSTRAINT brand_ends_its_path CHECK (path[cardinality(path)] = brand_id),
        ADD CONSTRAINT brand_hangs_below_its_parent CHECK (parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]);
      CREATE INDEX customer_of_brand ON customer (partner_id, brand_id);
      ALTER TABLE account ADD COLUMN scope_brand_id uuid;
      UPDATE account a SET scope_brand_id = c.brand_id FROM customer c WHERE c.partner_id = a.partner_id AND c.cust_id = a.cust_id;
      ALTER TABLE account ALTER COLUMN scope_brand_id SET NOT NULL,
        ADD FOREIGN KEY (partner_id, scope_brand_id) REFERENCES brand (partner_id, brand_id);
      COMMENT ON COLUMN account.scope_brand_id IS 'the brand below which its role holds; stays when its customer moves (A24)';
      ALTER TABLE api_key ADD COLUMN brand_id uuid, ADD FOREIGN KEY (partner_id, brand_id) REFERENCES brand (partner_id, brand_id);
      COMMENT ON COLUMN api_key.brand_id IS 'the brand below which it holds; null: the whole partner';
      CREATE TABLE brand_change_request (
        partner_id uuid NOT NULL,
        request_id uuid NOT NULL,
        kind text NOT NULL,
        brand_id uuid NOT NULL,
        parent_id uuid,
        targets text NOT NULL,
        note text,
        requested_by text NOT NULL,
        requested_at timestamptz NOT NULL,
        executed_by text,
        executed_at timestamptz,
        PRIMARY KEY (partner_id, request_id),
        FOREIGN KEY (partner_id, brand_id) REFERENCES brand (partner_id, brand_id)
      );
      CREATE UNIQUE INDEX brand_change_request_id ON brand_change_request (request_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE brand_change_request;
      ALTER TABLE api_key DROP COLUMN brand_id;
      ALTER TABLE account DROP COLUMN scope_brand_id;
      DROP INDEX customer_of_brand;
      ALTER TABLE brand DROP COLUMN path;
    `);
  }
}
