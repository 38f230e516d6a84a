import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Raised1763600100000 implements MigrationInterface {
  name = 'Raised1763600100000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE raised (
        incident_key text NOT NULL,
        provider text NOT NULL,
        rule_id uuid NOT NULL,
        partner_id uuid NOT NULL,
        account_no integer NOT NULL,
        rule_name text NOT NULL,
        event_type text NOT NULL,
        raised_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (incident_key, provider, rule_id)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE raised`);
  }
}
