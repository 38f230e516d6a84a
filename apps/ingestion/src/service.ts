import { systemClock } from '@backhaul/domain';
import { createHttpApp, type HttpApp, KeyUses, LoadShedder, networksOf } from '@backhaul/http';
import {
  accountsAccounts, accountsApiKeys, accountsBrands, accountsCustomers, accountsPartners, CompactedTable, createKafka, KafkaBatchServer, mailOutcomes,
  notificationDecisions, Publisher, syncOutcomes, tellApiKeyUses, ticketingBreakers, ticketOutcomes,
} from '@backhaul/messaging'; // prettier-ignore
import {
  DatabaseTime,
  asCaller,
  DeadLetterTable,
  letterBacklogAcrossTenants,
  PostgresAttemptStore,
  Relay,
  UnitOfWork,
  JoinedSource,
  outboxBacklog,
  OutboxSource,
} from '@backhaul/persistence';
import { consumerMetrics, deadLetterMetrics, type Logger, outboxMetrics, scrubText as scrub } from '@backhaul/telemetry'; // prettier-ignore
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { AccountDirectory } from './accounts/account-directory.js';
import { AgentAccess } from './agents/agent-access.js';
import { AgentAnswers } from './agents/agent-answers.js';
import { AgentRoutes } from './agents/agent.routes.js';
import { CanonicalHandler } from './agents/canonical.handler.js';
import { CanonicalRoutes } from './agents/canonical.routes.js';
import { registeredAdapters } from './agents/registered-adapters.js';
import { ReportHandler } from './agents/report.handler.js';
import { AppModule, type AppParts } from './app.module.js';
import type { Config } from './config.js';
import { eventPool, ingestionDataSource, ROAD_CONNECTIONS } from './database.js';
import { EndpointKeys } from './endpoints/endpoint-keys.js';
import { EndpointRepository } from './endpoints/endpoint.repository.js';
import { EventExport } from './events/event-export.js';
import { EventFinder } from './events/event-search.js';
import { EventRepository } from './events/event.repository.js';
import { BacklogProbe } from './intake/backlog.probe.js';
import { EventQueue } from './intake/event.queue.js';
import { IngestMetrics } from './intake/ingest.metrics.js';
import { Intake } from './intake/intake.js';
import { EventActionRepository } from './outcomes/event-action.repository.js';
import { EventLogSource } from './relay/event-log.source.js';
import { HeldErrors } from './joining/held-errors.js';
import { LogPartitions } from './partitions/log-partitions.js';
import { LogUpkeep } from './partitions/log-upkeep.js';
import { EventRetention } from './retention/event-retention.js';
import { LogRetention } from './retention/log-retention.js';
import { RawRetention } from './retention/raw-retention.js';
import { searchResults } from './saved-searches/search-results.js';
import { scheduleScanner } from './schedules/schedule-parts.js';
import { WayIn } from './schedules/way-in.js';

export const NAME = 'ingestion';
const clock = systemClock;
const monotonicMs = (): number => clock.monotonicMs();
const RAW_PATHS = /^\/(ingest|ping|v1\/events)(\/|\?|$)/;

/** Everything that lives outside Nest, to be stopped in order. */
interface Infrastructure {
  /** Of people, programs, consumers and upkeep. */
  dataSource: DataSource;
  /** Of reports on their way alone: whatever is asked of the other, they go on. */
  road: DataSource;
  pool: Pool;
  kafka: Kafka;
  publisher: Publisher;
  relay: Relay;
  queue: EventQueue;
  apiKeys: CompactedTable<InstanceType<typeof accountsApiKeys.payload>>;
}

async function connect(config: Config, metrics: IngestMetrics): Promise<Infrastructure> {
  const dataSource = await ingestionDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const road = await ingestionDataSource(config.DATABASE_URL, ROAD_CONNECTIONS, 'runtime').initialize();
  const pool = eventPool(config.DATABASE_URL);
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const publisher = new Publisher(kafka, { prefix });
  const relay = new Relay({
    dataSource: road,
    source: new JoinedSource(new EventLogSource(road), new OutboxSource(road)),
    publisher,
  });
  const queue = new EventQueue(pool, metrics, {
    maxQueued: config.INGEST_QUEUE_LIMIT,
    onCommit: () => relay.wake(),
  });
  return {
    dataSource,
    road,
    pool,
    kafka,
    publisher,
    relay,
    queue,
    apiKeys: new CompactedTable({ kafka, topic: accountsApiKeys, prefix }),
  };
}

function assemble(
  config: Config,
  infrastructure: Infrastructure,
  metrics: IngestMetrics,
  load: LoadShedder,
  wayIn: WayIn,
  logger: Logger,
): Omit<AppParts, 'replayer'> & { uses: ReturnType<typeof usesOf> } {
  const { dataSource, road, relay, queue, apiKeys } = infrastructure;
  const unitOfWork = new UnitOfWork(dataSource);
  const directory = new AccountDirectory(road, monotonicMs);
  const endpoints = new EndpointRepository(unitOfWork, clock);
  const keys = new EndpointKeys({
    repository: new EndpointRepository(new UnitOfWork(road), clock),
    ratePerSecond: config.RATE_LIMIT_PER_KEY,
    monotonicMs,
  });
  const uses = usesOf(endpoints, infrastructure, logger);
  const actions = new EventActionRepository(unitOfWork);
  const events = new EventRepository(unitOfWork, actions);
  const finder = new EventFinder(unitOfWork, clock);
  const intake = new Intake(directory, queue, load);
  const access = new AgentAccess({
    keys,
    apiKeys,
    ratePerSecond: config.RATE_LIMIT_PER_KEY,
    partnerRatePerSecond: config.RATE_LIMIT_PER_PARTNER,
    proxies: networksOf(config.TRUSTED_PROXIES),
    uses,
    now: () => clock.now(),
    monotonicMs,
  });
  const answers = new AgentAnswers(monotonicMs, () => wayIn.noteRefusal());
  const reports = new ReportHandler(intake, registeredAdapters, metrics, clock);
  const canonical = new CanonicalHandler(intake, directory, clock);
  return {
    unitOfWork,
    relay,
    clock,
    publicUrl: config.INGEST_PUBLIC_URL,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    uses,
    directory,
    keys,
    endpoints,
    events,
    finder,
    exports: new EventExport(unitOfWork, finder, clock),
    searchResults: searchResults(unitOfWork, finder, clock),
    eventRetention: new EventRetention(unitOfWork, config.EVENT_RETENTION_DAYS),
    actions,
    agentRoutes: new AgentRoutes(access, reports, answers, load),
    canonicalRoutes: new CanonicalRoutes(access, canonical, events, answers),
  };
}

/** When keys were used: of endpoints into our own table, of API keys to accounts. */
function usesOf(
  endpoints: EndpointRepository,
  { publisher, apiKeys }: Infrastructure,
  logger: Logger,
): { ofEndpoints: KeyUses; ofApiKeys: KeyUses } {
  const now = (): Date => clock.now();
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'uses of keys cannot be written down yet');
  return {
    ofEndpoints: new KeyUses({ now, onError, tell: (uses) => endpoints.noteUses(uses) }),
    ofApiKeys: new KeyUses({ now, onError, tell: (uses) => tellApiKeyUses(publisher, apiKeys, uses) }),
  };
}

function consumerOf({ kafka, publisher, dataSource }: Infrastructure, prefix: string): KafkaBatchServer {
  return new KafkaBatchServer({
    kafka,
    service: NAME,
    groupId: NAME,
    prefix,
    publisher,
    // Only people wait for what it brings.
    paceMs: 100,
    attempts: new PostgresAttemptStore(dataSource),
    deadLetters: new DeadLetterTable(dataSource, { scrub }),
    observe: consumerMetrics(),
    // API keys are not here: every process needs all of them, in memory.
    topics: [
      accountsPartners,
      accountsBrands,
      accountsCustomers,
      accountsAccounts,
      notificationDecisions,
      ticketOutcomes,
      mailOutcomes,
      syncOutcomes,
      ticketingBreakers,
    ],
  });
}

/** The service, made and not yet listening. */
export async function createService(config: Config, logger: Logger): Promise<HttpApp> {
  const metrics = new IngestMetrics();
  const infrastructure = await connect(config, metrics);
  const { dataSource, road, pool, publisher, relay, queue, apiKeys } = infrastructure;
  const time = await DatabaseTime.follow(road, logger);
  const shedder = new LoadShedder(new BacklogProbe(dataSource, road, config.BACKLOG_BUDGET_MB, monotonicMs));
  const wayIn = new WayIn(new UnitOfWork(road));
  const parts = assemble(config, infrastructure, metrics, shedder, wayIn, logger);
  const retention = new RawRetention(parts.unitOfWork, config.RAW_RETENTION_DAYS, clock, logger);
  const upkeep = upkeepOf(parts.unitOfWork, config.EVENT_RETENTION_DAYS, logger);
  const held = new HeldErrors(parts.unitOfWork, clock, logger, () => relay.wake());
  const scanner = scheduleScanner(parts.unitOfWork, wayIn, logger, () => relay.wake());
  const consumer = consumerOf(infrastructure, config.KAFKA_TOPIC_PREFIX);
  metrics.watch(dataSource, () => queue.depth);
  upkeep.watch();
  outboxMetrics(() => outboxBacklog(dataSource));
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
  const app = await createHttpApp(AppModule.with({ ...parts, replayer: consumer }), {
    name: NAME,
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    within: asCaller,
    ...(config.LOAD_SHEDDING === 'on' && { shedder }),
    rawBody: (url) => RAW_PATHS.test(url),
    openapi: { title: 'Backhaul ingestion' },
    readiness: { database: async () => void (await dataSource.query('SELECT 1')) },
    microservices: [consumer],
    onDrain: async () => {
      await scanner.stopBeating();
      await queue.stop();
    },
    onStop: async () => {
      const repeated = [parts.keys, retention, upkeep, held, scanner, time];
      await Promise.all(repeated.map((each) => each.stop()));
      await parts.uses.ofEndpoints.flush();
      await parts.uses.ofApiKeys.flush();
      await relay.stop();
      await Promise.allSettled([apiKeys.close(), publisher.close()]);
      await Promise.allSettled([pool.end(), road.destroy(), dataSource.destroy()]);
    },
  });
  parts.keys.start();
  retention.start();
  upkeep.start();
  held.start();
  if (config.SCHEDULES === 'on') scanner.start();
  relay.start();
  // Reports are taken while Kafka is away; API keys are known once it has answered.
  void startApiKeys(apiKeys, logger);
  return app;
}

function upkeepOf(unitOfWork: UnitOfWork, days: number, logger: Logger): LogUpkeep {
  const partitions = new LogPartitions(unitOfWork);
  return new LogUpkeep(partitions, new LogRetention(unitOfWork, partitions, clock, days), clock, logger);
}

async function startApiKeys(apiKeys: Infrastructure['apiKeys'], logger: Logger): Promise<void> {
  for (;;) {
    try {
      return await apiKeys.start();
    } catch (error) {
      logger.warn({ err: error }, 'API keys cannot be read from Kafka; will be tried again');
      await new Promise((resolve) => setTimeout(resolve, 2000).unref());
    }
  }
}
