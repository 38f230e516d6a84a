import type { BrandId } from '@backhaul/domain';
import { PLATFORM, Problem } from '@backhaul/http';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, type FindOptionsWhere, MoreThan } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { BrandChangeEntity } from './brand-change.entity.js';

export class BrandChangeRepository extends TenantRepository<BrandChangeEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, BrandChangeEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<BrandChangeEntity> {
    return { brandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** Oldest first; operators see those of all partners. */
  page(scope: Scope, after: string | null, limit: number): Promise<BrandChangeEntity[]> {
    const where = after ? { requestId: MoreThan(after) } : {};
    const order = { requestId: 'ASC' } as const;
    return scope.partnerId === PLATFORM
      ? this.rows().find({ where, order, take: limit })
      : this.findMany(scope, where, order, limit);
  }

  count(scope: Scope): Promise<number> {
    return scope.partnerId === PLATFORM ? this.rows().count() : this.rows().countBy(this.within(scope));
  }

  /** The request, held until the transaction ends: for operators alone. @throws Problem 404 */
  async lockAcrossTenants(requestId: string, tx: Tx): Promise<BrandChangeEntity> {
    const request = await this.rows(tx.manager).findOne({
      where: { requestId },
      lock: { mode: 'pessimistic_write' },
    });
    if (!request) throw Problem.notFound();
    return request;
  }
}
