import { Problem } from '@backhaul/http';
import { type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, MoreThan } from 'typeorm';
import { ApiKeyEntity } from './api-key.entity.js';

export class ApiKeyRepository extends TenantRepository<ApiKeyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ApiKeyEntity);
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
