import type { BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type Scope, TenantRepository } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { BrandEntity } from './brand.entity.js';

export class BrandRepository extends TenantRepository<BrandEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, BrandEntity);
  }

  /** All brands of the partner, the root first. */
  tree(scope: Scope): Promise<BrandEntity[]> {
    return this.rows().find({ where: this.within(scope), order: { createdAt: 'ASC', brandId: 'ASC' } });
  }

  async root(scope: Scope): Promise<BrandEntity> {
    return rootOf(await this.tree(scope));
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, brandId: string): Promise<BrandEntity> {
    const brand = await this.findOne(scope, { brandId: brandId as BrandId });
    if (!brand) throw Problem.notFound();
    return brand;
  }
}

/** @throws Problem 404 */
export function rootOf(brands: readonly BrandEntity[]): BrandEntity {
  const root = brands.find((brand) => brand.parentId === null);
  if (!root) throw Problem.notFound();
  return root;
}
