import { createDataSource, type DatabaseRole } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { AccountEntity } from './accounts/account.entity.js';
import { ApiKeyEntity } from './api-keys/api-key.entity.js';
import { BrandChangeEntity } from './brand-changes/brand-change.entity.js';
import { BrandEntity } from './brands/brand.entity.js';
import { ConnectionEntity, SettingsEntity } from './connections/connection.entity.js';
import { CustomerMapEntity } from './customer-map/customer-map.entity.js';
import { CustomerEntity } from './customers/customer.entity.js';
import { MIGRATIONS } from './migrations.js';
import { PartnerEntity } from './partners/partner.entity.js';

export const ENTITIES = [
  PartnerEntity, BrandEntity, BrandChangeEntity, CustomerEntity, AccountEntity, ApiKeyEntity, ConnectionEntity, SettingsEntity, CustomerMapEntity,
]; // prettier-ignore

/** The service's database, not yet connected. */
export function accountsDataSource(url: string, poolSize?: number, role: DatabaseRole = 'owner'): DataSource {
  return createDataSource({
    url,
    applicationName: 'accounts',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    role,
    ...(poolSize !== undefined && { poolSize }),
  });
}
