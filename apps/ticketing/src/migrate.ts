import { migrate } from '@backhaul/persistence';
import { createLogger, ownerUrlOf } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { ticketingDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'ticketing', level: config.LOG_LEVEL });
const owner = ticketingDataSource(ownerUrlOf(config));
logger.info({ migrations: await migrate(owner, config.DATABASE_URL) }, 'migrated');
