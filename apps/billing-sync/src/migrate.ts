import { migrate } from '@backhaul/persistence';
import { createLogger, ownerUrlOf } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { billingSyncDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'billing-sync', level: config.LOG_LEVEL });
const owner = billingSyncDataSource(ownerUrlOf(config));
logger.info({ migrations: await migrate(owner, config.DATABASE_URL) }, 'migrated');
