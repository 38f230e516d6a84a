import { migrate } from '@backhaul/persistence';
import { createLogger, ownerUrlOf } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { notificationsDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'notifications', level: config.LOG_LEVEL });
const dataSource = await notificationsDataSource(ownerUrlOf(config)).initialize();
try {
  logger.info({ migrations: await migrate(dataSource, config.DATABASE_URL) }, 'migrated');
} finally {
  await dataSource.destroy();
}
