import { migrate } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { notificationsDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'notifications', level: config.LOG_LEVEL });
const dataSource = await notificationsDataSource(config.DATABASE_URL).initialize();
try {
  logger.info({ migrations: await migrate(dataSource) }, 'migrated');
} finally {
  await dataSource.destroy();
}
