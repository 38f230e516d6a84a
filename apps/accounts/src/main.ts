import { systemClock } from '@backhaul/domain';
import { createHttpApp, runMain } from '@backhaul/http';
import { auditHeads, createKafka, KafkaBatchServer, Publisher } from '@backhaul/messaging';
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
  UnitOfWork,
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
import { AppModule, type AppParts } from './app.module.js';
import { anchoringOf } from './audit/anchoring.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import { type Config, readConfig } from './config.js';
import { fingerprintKeyOf } from './data-keys/fingerprint-key.js';
import { TicketingChecks } from './psa-checks/psa-checks.js';
import { accountsDataSource } from './database.js';

const NAME = 'accounts';

type FromSettings = Pick<AppParts, 'soapEndsAt' | 'serviceTokenKey' | 'publicUrl' | 'checks'>;

function settingsOf(config: Config): FromSettings {
  const { SOAP_ENDS_AT: soapEndsAt, SERVICE_TOKEN_KEY: serviceTokenKey, PUBLIC_URL: publicUrl } = config;
  const { TICKETING_CONNECTWISE_URL: connectwise, TICKETING_AUTOTASK_URL: autotask } = config;
  const checks = new TicketingChecks({ connectwise, autotask }, serviceTokenKey);
  return { soapEndsAt, serviceTokenKey, publicUrl, checks };
}

/** What goes to Kafka and comes from it. */
function messagesOf(config: Config, dataSource: AppParts['dataSource']) {
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const publisher = new Publisher(kafka, { prefix: config.KAFKA_TOPIC_PREFIX });
  const consumer = new KafkaBatchServer({
    kafka,
    service: NAME,
    groupId: NAME,
    prefix: config.KAFKA_TOPIC_PREFIX,
    publisher,
    tables: [auditHeads],
    attempts: new PostgresAttemptStore(dataSource),
    deadLetters: new DeadLetterTable(dataSource, { scrub }),
    observe: consumerMetrics(),
  });
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  outboxMetrics(() => outboxBacklog(dataSource));
  return { kafka, publisher, consumer, relay };
}

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await accountsDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const time = await DatabaseTime.follow(dataSource, logger);
  const { kafka, publisher, consumer, relay } = messagesOf(config, dataSource);
  const egress = Egress.of(config.EGRESS_ALLOW);
  const keyring = Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD);
  const fingerprintKey = await fingerprintKeyOf(dataSource, keyring);
  const unitOfWork = new UnitOfWork(dataSource);
  const housekeeping = new Housekeeping(unitOfWork, config.LOGIN_RECORD_DAYS, systemClock, logger);
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const anchoring = anchoringOf({
    unitOfWork,
    kafka,
    prefix,
    publisher,
    platformKey: fingerprintKey,
    logger,
  });
  const { anchors } = anchoring;
  const app = await createHttpApp(
    AppModule.with({
      dataSource, keyring, fingerprintKey, egress, anchors, replayer: consumer, ...settingsOf(config),
    }), // prettier-ignore
    {
      name: NAME,
      host: config.HOST,
      port: config.PORT,
      managementPort: config.MANAGEMENT_PORT,
      logger,
      serviceTokenKey: config.SERVICE_TOKEN_KEY,
      within: asCaller,
      openapi: { title: 'Backhaul accounts' },
      microservices: [consumer],
      readiness: { database: async () => void (await dataSource.query('SELECT 1')) },
      onStop: async () => {
        await housekeeping.stop();
        await anchoring.stop();
        await relay.stop();
        await publisher.close();
        await egress.close();
        await time.stop();
        await dataSource.destroy();
      },
    },
  );
  relay.start();
  housekeeping.start();
  anchoring.start(config.AUDIT_ANCHOR_MINUTES);
  await app.listen();
}

const config = readConfig();
const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
runMain(() => start(config, logger), logger);
