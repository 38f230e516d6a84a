import { migrate } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { readDatabaseConfig } from './config.js';
import { ingestionDataSource } from './database.js';

const config = readDatabaseConfig();
const logger = createLogger({ service: 'ingestion', level: config.LOG_LEVEL });
const dataSource = await ingestionDataSource(config.DATABASE_URL).initialize();
try {
  logger.info({ migrations: await migrate(dataSource) }, 'migrated');
} finally {
  await dataSource.destroy();
}
