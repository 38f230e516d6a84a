import type { BrandPayload } from '@backhaul/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Tx } from './unit-of-work.js';

/** A service's copy of the brands that accounts owns: what a scope is decided by. */
export class KnownBrands1763000300000 implements MigrationInterface {
  readonly name = 'KnownBrands1763000300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_brand (
        partner_id uuid NOT NULL,
        brand_id uuid PRIMARY KEY,
        path uuid[] NOT NULL
      );
      COMMENT ON COLUMN known_brand.path IS 'from the root to the brand, both included';
      CREATE INDEX known_brand_of_partner ON known_brand (partner_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE known_brand');
  }
}

/** Writes the newest record of each brand, null where it is gone. A repeat writes the same again. */
export async function putKnownBrands(
  tx: Tx,
  newest: ReadonlyMap<string, BrandPayload | null>,
): Promise<void> {
  for (const [brandId, brand] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!brand) await tx.query('DELETE FROM known_brand WHERE brand_id = $1', [brandId]);
    else
      await tx.query(
        'INSERT INTO known_brand VALUES ($1, $2, $3) ON CONFLICT (brand_id) DO UPDATE SET path = excluded.path',
        [brand.partnerId, brand.brandId, brand.path],
      );
  }
}
