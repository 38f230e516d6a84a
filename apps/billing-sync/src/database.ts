import { createDataSource, type DatabaseRole } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations.js';

/** The database of one PSA's figures, not yet connected. */
export function billingSyncDataSource(
  url: string,
  poolSize?: number,
  role: DatabaseRole = 'owner',
): DataSource {
  return createDataSource({
    url,
    applicationName: 'billing-sync',
    migrations: MIGRATIONS,
    role,
    isKeyed: true,
    ...(poolSize !== undefined && { poolSize }),
  });
}
