import { accountsBrands, BrandPayload, type Delivered, OnTopic } from '@backhaul/messaging';
import { putKnownBrands, UnitOfWork } from '@backhaul/persistence';
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
      const partnerIds = new Set([...newest.values()].flatMap((brand) => brand?.partnerId ?? []));
      for (const partnerId of [...partnerIds].sort()) await this.rules.noteChange(tx, partnerId as PartnerId);
    });
  }
}
