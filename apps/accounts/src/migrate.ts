import { migrate } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { accountsDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'accounts', level: config.LOG_LEVEL });
logger.info({ migrations: await migrate(accountsDataSource(config.DATABASE_URL)) }, 'migrated');
