import type { BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, type FindOptionsWhere, MoreThan } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { ApiKeyEntity } from './api-key.entity.js';

export class ApiKeyRepository extends TenantRepository<ApiKeyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ApiKeyEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<ApiKeyEntity> {
    return { brandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** Oldest first. */
  page(scope: Scope, after: string | null, limit: number): Promise<ApiKeyEntity[]> {
    return this.findMany(scope, after ? { apiKeyId: MoreThan(after) } : {}, { apiKeyId: 'ASC' }, limit);
  }

  count(scope: Scope): Promise<number> {
    return this.rows().countBy(this.within(scope));
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, apiKeyId: string, tx: Tx): Promise<ApiKeyEntity> {
    const row = await this.findOne(scope, { apiKeyId }, tx.manager);
    if (!row) throw Problem.notFound();
    return row;
  }
}
