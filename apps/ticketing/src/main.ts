import { createHttpApp, runMain } from '@backhaul/http';
import {
  autotaskTicketRequests,
  connectwiseTicketRequests,
  createKafka,
  KafkaBatchServer,
  Publisher,
  type Topic,
  TOPICS,
} from '@backhaul/messaging';
import {
  DatabaseTime,
  asCaller,
  DeadLetterTable,
  letterBacklogAcrossTenants,
  Keyring,
  outboxBacklog,
  OutboxSource,
  PostgresAttemptStore,
  Relay,
} from '@backhaul/persistence';
import { Egress } from '@backhaul/psa';
import {
  consumerMetrics,
  createLogger,
  deadLetterMetrics,
  type Logger,
  outboxMetrics,
  scrubText as scrub,
} from '@backhaul/telemetry';
import { type AppParts, AppModule } from './app.module.js';
import { type Config, readConfig } from './config.js';
import { TicketPorts } from './connections/ticket-ports.js';
import { ticketingDataSource } from './database.js';
import { orderKeyOfRequest } from './incidents/order-key.js';
import { SetupPorts, type SetupPortsOptions } from './setup/setup-ports.js';
import { executeMetrics, startLaneMetrics } from './metrics.js';

/** What the vendors let one integration do; half of the requests, as a command makes about two. */
const LIMITS = {
  connectwise: { maxRatePerMinute: 450, maxInFlight: 8 },
  autotask: { maxRatePerMinute: 80, maxInFlight: 2 },
};

function partsOf(
  config: Config,
  {
    dataSource,
    ports,
    setupPorts,
    replayer,
  }: Pick<AppParts, 'dataSource'> & {
    ports: TicketPorts;
    setupPorts: SetupPorts;
    replayer: KafkaBatchServer;
  },
): AppParts {
  const usual = LIMITS[config.PSA];
  return {
    provider: config.PSA,
    dataSource,
    ports,
    setupPorts,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    replayer,
    limits: {
      maxRatePerMinute: config.PSA_MAX_PER_MINUTE ?? usual.maxRatePerMinute,
      maxInFlight: config.PSA_MAX_IN_FLIGHT ?? usual.maxInFlight,
    },
    reopenWithinHours: config.REOPEN_WINDOW_DAYS * 24,
    dispatcher: { slots: config.DISPATCHER_SLOTS, leaseMs: config.LANE_LEASE_MS, idleMs: 200 },
    execute: {
      breakerResetMs: config.BREAKER_RESET_MS,
      leaseMs: config.LANE_LEASE_MS,
      looksFirst: config.SEARCH_BEFORE_CREATE === 'on',
    },
    reconciler: { everyMs: config.RECONCILE_EVERY_MS, batch: 200 },
    checkMapEveryMs: config.CHECK_MAP_EVERY_MS,
    observer: executeMetrics(),
  };
}

function waysOf(config: Config, egress: Egress): SetupPortsOptions {
  const { PSA_REQUEST_TIMEOUT_MS: requestTimeoutMs, PSA_SEARCH_LAG_MS: searchLagMs } = config;
  return {
    provider: config.PSA,
    keyring: Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD),
    egress,
    limits: {
      ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
      ...(searchLagMs !== undefined && { searchLagMs }),
    },
  };
}

function portsOf(config: Config, ways: SetupPortsOptions): TicketPorts {
  return new TicketPorts({
    ...ways,
    breaker: {
      volumeThreshold: config.BREAKER_VOLUME,
      resetTimeoutMs: config.BREAKER_RESET_MS,
      rollingMs: 60_000,
    },
  });
}

function consumerOf(
  config: Config,
  dataSource: AppParts['dataSource'],
  publisher: Publisher,
  kafka: ReturnType<typeof createKafka>,
): KafkaBatchServer {
  const mine = config.PSA === 'connectwise' ? connectwiseTicketRequests : autotaskTicketRequests;
  const all = TOPICS as readonly Topic<object>[];
  const topics = all.filter(
    (topic) =>
      topic.consumers.includes('ticketing') &&
      (!topic.name.startsWith('ticket.requests.') || topic.name === mine.name),
  );
  return new KafkaBatchServer({
    kafka,
    service: 'ticketing',
    groupId: `ticketing-${config.PSA}`,
    prefix: config.KAFKA_TOPIC_PREFIX,
    topics,
    publisher,
    attempts: new PostgresAttemptStore(dataSource),
    deadLetters: new DeadLetterTable(dataSource, { scrub, orderKeyOf: orderKeyOfRequest }),
    observe: consumerMetrics(),
  });
}

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await ticketingDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const time = await DatabaseTime.follow(dataSource, logger);
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: `ticketing-${config.PSA}`,
  });
  const publisher = new Publisher(kafka, { prefix: config.KAFKA_TOPIC_PREFIX });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  outboxMetrics(() => outboxBacklog(dataSource));
  const egress = Egress.of(config.EGRESS_ALLOW);
  const ways = waysOf(config, egress);
  const ports = portsOf(config, ways);
  const consumer = consumerOf(config, dataSource, publisher, kafka);
  const parts = partsOf(config, { dataSource, ports, setupPorts: new SetupPorts(ways), replayer: consumer });
  const { module, engine } = AppModule.with(parts);
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
  const stopMetrics = startLaneMetrics(dataSource, 5000);
  const app = await createHttpApp(module, {
    name: `ticketing-${config.PSA}`,
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    within: asCaller,
    openapi: { title: `Backhaul ticketing (${config.PSA})` },
    readiness: { database: async () => void (await dataSource.query('SELECT 1')) },
    microservices: [consumer],
    onDrain: async () => {
      await engine.dispatcher.stop();
      await engine.reconciler.stop();
      await engine.mapWatch.stop();
    },
    onStop: async () => {
      stopMetrics();
      ports.closeAll();
      await relay.stop();
      await publisher.close();
      await egress.close();
      await time.stop();
      await dataSource.destroy();
    },
  });
  relay.start();
  engine.dispatcher.start();
  engine.reconciler.start();
  engine.mapWatch.start();
  await app.listen();
}

const config = readConfig();
const logger = createLogger({ service: `ticketing-${config.PSA}`, level: config.LOG_LEVEL });
runMain(() => start(config, logger), logger);
