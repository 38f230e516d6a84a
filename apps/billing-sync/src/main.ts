import { createHttpApp, runMain } from '@backhaul/http';
import {
  autotaskSyncRequests,
  backupEvents,
  connectwiseSyncRequests,
  createKafka,
  KafkaBatchServer,
  Publisher,
  type Topic,
  TOPICS,
} from '@backhaul/messaging';
import {
  asCaller,
  DatabaseTime,
  DeadLetterTable,
  Keyring,
  letterBacklogAcrossTenants,
  outboxBacklog,
  OutboxSource,
  PostgresAttemptStore,
  Relay,
  UnitOfWork,
} from '@backhaul/persistence';
import { Egress, holdsStatistics } from '@backhaul/psa';
import {
  consumerMetrics,
  createLogger,
  deadLetterMetrics,
  type Logger,
  outboxMetrics,
  scrubText as scrub,
} from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { type Config, readConfig } from './config.js';
import { StatisticsPorts } from './connections/statistics-ports.js';
import { billingSyncDataSource } from './database.js';
import { housekeepingOf } from './housekeeping.js';
import { pushMetrics, startPushMetrics } from './metrics.js';

const nameOf = ({ PSA }: Pick<Config, 'PSA'>): string => `billing-sync-${PSA}`;

/** Requests of this PSA, what accounts publishes, and every event where there are figures to count. */
function topicsOf({ PSA }: Config): Topic<object>[] {
  const mine = PSA === 'connectwise' ? connectwiseSyncRequests : autotaskSyncRequests;
  const all = TOPICS as readonly Topic<object>[];
  return all.filter(
    ({ name, consumers }) =>
      consumers.includes('billing-sync') &&
      (!name.startsWith('sync.requests.') || name === mine.name) &&
      (name !== backupEvents.name || holdsStatistics(PSA)),
  );
}

function portsOf(config: Config, egress: Egress): StatisticsPorts {
  const { PSA_REQUEST_TIMEOUT_MS: requestTimeoutMs } = config;
  return new StatisticsPorts({
    provider: config.PSA,
    keyring: Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD),
    egress,
    limits: { ...(requestTimeoutMs !== undefined && { requestTimeoutMs }) },
  });
}

function consumerOf(
  config: Config,
  dataSource: DataSource,
  publisher: Publisher,
  kafka: ReturnType<typeof createKafka>,
): KafkaBatchServer {
  return new KafkaBatchServer({
    kafka,
    service: 'billing-sync',
    groupId: nameOf(config),
    prefix: config.KAFKA_TOPIC_PREFIX,
    topics: topicsOf(config),
    publisher,
    attempts: new PostgresAttemptStore(dataSource),
    // A request repeats what is to be done, and figures are absolute: none overtakes another.
    deadLetters: new DeadLetterTable(dataSource, { scrub }),
    observe: consumerMetrics(),
  });
}

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await billingSyncDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const time = await DatabaseTime.follow(dataSource, logger);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: nameOf(config) });
  const publisher = new Publisher(kafka, { prefix: config.KAFKA_TOPIC_PREFIX });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  outboxMetrics(() => outboxBacklog(dataSource));
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
  const stopMetrics = startPushMetrics(dataSource, 5000);
  const egress = Egress.of(config.EGRESS_ALLOW);
  const consumer = consumerOf(config, dataSource, publisher, kafka);
  const { PUSH_SLOTS: slots, PUSH_LEASE_MS: leaseMs, PUSH_MAX_PER_MINUTE: maxPerMinute } = config;
  const { module, dispatcher } = AppModule.with({
    provider: config.PSA,
    dataSource,
    ports: portsOf(config, egress),
    push: { slots, leaseMs, maxPerMinute, resetMs: config.BREAKER_RESET_MS },
    observer: pushMetrics(),
    replayer: consumer,
  });
  const housekeeping = housekeepingOf(new UnitOfWork(dataSource), logger);
  const app = await createHttpApp(module, {
    name: nameOf(config),
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    within: asCaller,
    openapi: { title: `Backhaul billing-sync (${config.PSA})` },
    readiness: { database: async () => void (await dataSource.query('SELECT 1')) },
    microservices: [consumer],
    onDrain: async () => {
      await dispatcher.stop();
      await housekeeping.stop();
    },
    onStop: async () => {
      stopMetrics();
      await relay.stop();
      await publisher.close();
      await egress.close();
      await time.stop();
      await dataSource.destroy();
    },
  });
  relay.start();
  dispatcher.start();
  housekeeping.start();
  await app.listen();
}

const config = readConfig();
const logger = createLogger({ service: nameOf(config), level: config.LOG_LEVEL });
runMain(() => start(config, logger), logger);
