/** `node republish.js`: after Kafka was lost, tells the other services everything again. */
import { UnitOfWork } from '@backhaul/persistence';
import { readDatabaseConfig } from './config.js';
import { accountsDataSource } from './database.js';
import { RepublishHandler } from './republishing/republish.handler.js';

const dataSource = await accountsDataSource(readDatabaseConfig().DATABASE_URL, 2, 'runtime').initialize();
try {
  const count = await new RepublishHandler(new UnitOfWork(dataSource)).republishAcrossTenants();
  process.stdout.write(`${count} records are in the outbox\n`);
} finally {
  await dataSource.destroy();
}
