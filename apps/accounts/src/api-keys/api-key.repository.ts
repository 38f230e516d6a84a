import type { BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { ArrayContains, type DataSource, type FindOptionsWhere, MoreThan, Not } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { ApiKeyEntity, type KeyKind, TOKEN_SCOPE } from './api-key.entity.js';

const OF_KIND: Record<KeyKind, FindOptionsWhere<ApiKeyEntity>> = {
  'api-key': { scopes: Not(ArrayContains([TOKEN_SCOPE])) },
  'access-token': { scopes: ArrayContains([TOKEN_SCOPE]) },
};

export class ApiKeyRepository extends TenantRepository<ApiKeyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ApiKeyEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<ApiKeyEntity> {
    return { brandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** Oldest first. */
  page(scope: Scope, kind: KeyKind, after: string | null, limit: number): Promise<ApiKeyEntity[]> {
    const where = { ...OF_KIND[kind], ...(after && { apiKeyId: MoreThan(after) }) };
    return this.findMany(scope, where, { apiKeyId: 'ASC' }, limit);
  }

  count(scope: Scope, kind: KeyKind): Promise<number> {
    return this.rows().countBy(this.within(scope, OF_KIND[kind]));
  }

  /** @throws Problem 404, also for another partner's and for one of the other kind */
  async get(scope: Scope, kind: KeyKind, apiKeyId: string, tx: Tx): Promise<ApiKeyEntity> {
    const row = await this.findOne(scope, { ...OF_KIND[kind], apiKeyId }, tx.manager);
    if (!row) throw Problem.notFound();
    return row;
  }
}
