import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In which brand a customer sits. */
export class CustomerBrands1763800300000 implements MigrationInterface {
  readonly name = 'CustomerBrands1763800300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE known_customer ADD COLUMN brand_id uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE known_customer DROP COLUMN brand_id');
  }
}
