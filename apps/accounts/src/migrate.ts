import { migrate } from '@backhaul/persistence';
import { createLogger, ownerUrlOf } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { accountsDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'accounts', level: config.LOG_LEVEL });
const owner = accountsDataSource(ownerUrlOf(config));
logger.info({ migrations: await migrate(owner, config.DATABASE_URL) }, 'migrated');
