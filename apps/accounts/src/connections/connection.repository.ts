import { nothing, type Scope, TenantRepository } from '@backhaul/persistence';
import type { DataSource, FindOptionsWhere } from 'typeorm';
import { ConnectionEntity, SettingsEntity } from './connection.entity.js';

export class ConnectionRepository extends TenantRepository<ConnectionEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ConnectionEntity);
  }

  /** A connection belongs to the whole partner. */
  protected override narrowed(): FindOptionsWhere<ConnectionEntity> {
    return { provider: nothing() };
  }

  all(scope: Scope): Promise<ConnectionEntity[]> {
    return this.findMany(scope, {}, { provider: 'ASC' }, 100);
  }
}

export class SettingsRepository extends TenantRepository<SettingsEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, SettingsEntity);
  }

  protected override narrowed(): FindOptionsWhere<SettingsEntity> {
    return { provider: nothing() };
  }
}
