import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Idempotency1763600200000 implements MigrationInterface {
  name = 'Idempotency1763600200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE idempotency_key (
        partner_id uuid NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        claimed_at timestamptz NOT NULL,
        answer text,
        PRIMARY KEY (partner_id, route, key)
      )`);
    await db.query(`CREATE INDEX idempotency_key_by_age ON idempotency_key (claimed_at)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE idempotency_key`);
  }
}
