/**
 * `node republish.js [--after-restore]`: after Kafka was lost, tells the other services everything again. After this database was
 * put back to an earlier moment, also takes back what was made since (docs/operations.md).
 */
import { parseArgs } from 'node:util';
import { createKafka } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import { readDatabaseConfig, readRestoreConfig } from './config.js';
import { accountsDataSource } from './database.js';
import { AfterRestoreHandler } from './republishing/after-restore.handler.js';
import { RepublishHandler } from './republishing/republish.handler.js';

// Standard output is what the program says.
Logger.overrideLogger(['error']);
const { values } = parseArgs({ options: { 'after-restore': { type: 'boolean', default: false } } });

async function afterRestore(republish: RepublishHandler): Promise<string> {
  const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX } = readRestoreConfig();
  const kafka = createKafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'accounts' });
  const handler = new AfterRestoreHandler(republish, kafka, KAFKA_TOPIC_PREFIX);
  const { records, forgotten } = await handler.handleAcrossTenants();
  return `${records} records are in the outbox, ${forgotten} of them delete what was made since\n`;
}

const dataSource = await accountsDataSource(readDatabaseConfig().DATABASE_URL, 2, 'runtime').initialize();
try {
  const republish = new RepublishHandler(new UnitOfWork(dataSource));
  process.stdout.write(
    values['after-restore']
      ? await afterRestore(republish)
      : `${await republish.republishAcrossTenants()} records are in the outbox\n`,
  );
} finally {
  await dataSource.destroy();
}
