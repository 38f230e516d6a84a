import { migrate } from '@backhaul/persistence';
import { createLogger, ownerUrlOf } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { ingestionDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'ingestion', level: config.LOG_LEVEL });
const dataSource = await ingestionDataSource(ownerUrlOf(config)).initialize();
try {
  logger.info({ migrations: await migrate(dataSource, config.DATABASE_URL) }, 'migrated');
} finally {
  await dataSource.destroy();
}
