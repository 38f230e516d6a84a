import { migrate } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { ticketingDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'ticketing', level: config.LOG_LEVEL });
logger.info({ migrations: await migrate(ticketingDataSource(config.DATABASE_URL)) }, 'migrated');
