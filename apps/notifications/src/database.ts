import { createDataSource } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations.js';
import { RuleEntity } from './rules/rule.entity.js';

export const ENTITIES = [RuleEntity];

/** The service's database, not yet connected. */
export function notificationsDataSource(url: string, poolSize?: number): DataSource {
  return createDataSource({
    url,
    applicationName: 'notifications',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    ...(poolSize !== undefined && { poolSize }),
  });
}
