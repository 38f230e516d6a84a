/**
 * `node recover-events.js --since 2026-11-22T00:00:00Z`: after this database was put back to an earlier moment, brings the events
 * into the log that Kafka has since then (docs/operations.md). May run again; ends with 1 where records could not be read.
 */
import { parseArgs } from 'node:util';
import { createKafka } from '@backhaul/messaging';
import { Logger } from '@nestjs/common';
import { readRecoveryConfig } from './config.js';
import { eventPool } from './database.js';
import { RecoverEvents } from './recovery/recover-events.js';

const { values } = parseArgs({ options: { since: { type: 'string' } } });
const fromMs = Date.parse(values.since ?? '');
if (!Number.isFinite(fromMs)) {
  process.stderr.write('Usage: recover-events --since TIME, such as 2026-11-22T00:00:00Z\n');
  process.exit(2);
}
// Standard output is what the program says.
Logger.overrideLogger(['error']);
const config = readRecoveryConfig();
const pool = eventPool(config.DATABASE_URL);
try {
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: 'ingestion-recovery' });
  const told = await new RecoverEvents(pool, kafka, config.KAFKA_TOPIC_PREFIX).recover(fromMs);
  process.stdout.write(`${JSON.stringify(told)}\n`);
  if (told.unreadable > 0) process.exitCode = 1;
} finally {
  await pool.end();
}
