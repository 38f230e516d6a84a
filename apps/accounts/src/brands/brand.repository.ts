import type { BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import type { DataSource, FindOptionsWhere } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { BrandEntity } from './brand.entity.js';
import type { Demanding } from './factor-demand.js';

export class BrandRepository extends TenantRepository<BrandEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, BrandEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<BrandEntity> {
    return { brandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** The brands that are seen, those above before those below. */
  async tree(scope: Scope, tx?: Tx): Promise<BrandEntity[]> {
    const brands = await this.rows(tx?.manager).find({
      where: this.within(scope),
      order: { createdAt: 'ASC', brandId: 'ASC' },
    });
    return brands.sort((a, b) => a.path.length - b.path.length);
  }

  /** @throws Problem 404 */
  async top(scope: Scope): Promise<BrandEntity> {
    return topOf(await this.tree(scope));
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, brandId: string, tx?: Tx): Promise<BrandEntity> {
    const brand = await this.findOne(scope, { brandId: brandId as BrandId }, tx?.manager);
    if (!brand) throw Problem.notFound();
    return brand;
  }

  /** Also brands that are not seen: what those above say holds below. */
  async demanding({ partnerId }: Scope, tx?: Tx): Promise<Demanding> {
    const brands = await this.rows(tx?.manager).findBy({ partnerId, requireSecondFactor: true });
    return new Set(brands.map(({ brandId }) => brandId));
  }

  /** Nobody changes the partner's tree meanwhile. */
  async lockTree({ partnerId }: Scope, tx: Tx): Promise<void> {
    await tx.query('SELECT 1 FROM partner WHERE partner_id = $1 FOR UPDATE', [partnerId]);
  }
}

/** The first of a tree. @throws Problem 404 */
export function topOf(brands: readonly BrandEntity[]): BrandEntity {
  const [top] = brands;
  if (!top) throw Problem.notFound();
  return top;
}
