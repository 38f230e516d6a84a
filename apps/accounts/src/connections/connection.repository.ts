import { type Scope, TenantRepository } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { ConnectionEntity, SettingsEntity } from './connection.entity.js';

export class ConnectionRepository extends TenantRepository<ConnectionEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ConnectionEntity);
  }

  all(scope: Scope): Promise<ConnectionEntity[]> {
    return this.findMany(scope, {}, { provider: 'ASC' }, 100);
  }
}

export class SettingsRepository extends TenantRepository<SettingsEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, SettingsEntity);
  }
}
