import { accountsBrands, BrandPayload, type Delivered, OnTopic } from '@backhaul/messaging';
import { putKnownBrands, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import type { PartnerId } from '@backhaul/domain';
import { RuleRepository } from '../rules/rule.repository.js';

/** Keeps our copy of the brands. What changes there changes what a rule reaches, so each instance reads it anew. */
@Controller()
export class BrandsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RuleRepository,
  ) {}

  @OnTopic(accountsBrands)
  async onBrands(batch: Delivered<BrandPayload>[]): Promise<void> {
    const newest = new Map(batch.map(({ key, payload }) => [key, payload]));
    await this.unitOfWork.run(async (tx) => {
      await putKnownBrands(tx, newest);
      await putBrandNames(tx, newest);
      const partnerIds = new Set([...newest.values()].flatMap((brand) => brand?.partnerId ?? []));
      for (const partnerId of [...partnerIds].sort()) await this.rules.noteChange(tx, partnerId as PartnerId);
    });
  }
}

/** Mails bear them. */
async function putBrandNames(tx: Tx, newest: ReadonlyMap<string, BrandPayload | null>): Promise<void> {
  for (const [brandId, brand] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!brand) await tx.query('DELETE FROM brand_name WHERE brand_id = $1', [brandId]);
    else
      await tx.query(
        'INSERT INTO brand_name VALUES ($1, $2, $3) ON CONFLICT (brand_id) DO UPDATE SET name = excluded.name',
        [brand.partnerId, brand.brandId, brand.name],
      );
  }
}
