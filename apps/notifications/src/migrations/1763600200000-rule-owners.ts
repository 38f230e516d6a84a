import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The brand whose people made a rule. */
export class RuleOwners1763600200000 implements MigrationInterface {
  readonly name = 'RuleOwners1763600200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE rules ADD COLUMN owner_brand_id uuid');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE rules DROP COLUMN owner_brand_id');
  }
}
