import { createDataSource, type DatabaseRole } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { KnownAccountEntity } from './accounts/known-account.entity.js';
import { EventHandlerEntity } from './event-handlers/event-handler.entity.js';
import { MIGRATIONS } from './migrations.js';
import { RuleEntity } from './rules/rule.entity.js';
import { DeliveryEntity } from './webhooks/delivery.entity.js';
import { SilenceEntity } from './silences/silence.entity.js';

export const ENTITIES = [RuleEntity, KnownAccountEntity, SilenceEntity, DeliveryEntity, EventHandlerEntity];

/** The service's database, not yet connected. */
export function notificationsDataSource(
  url: string,
  poolSize?: number,
  role: DatabaseRole = 'owner',
): DataSource {
  return createDataSource({
    url,
    applicationName: 'notifications',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    role,
    isKeyed: true,
    ...(poolSize !== undefined && { poolSize }),
  });
}
