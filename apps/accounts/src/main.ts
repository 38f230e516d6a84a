import { systemClock } from '@backhaul/domain';
import { createHttpApp, runMain } from '@backhaul/http';
import { auditHeads, createKafka, KafkaBatchServer, Publisher } from '@backhaul/messaging';
import {
  asCaller,
  Keyring,
  OutboxSource,
  PostgresAttemptStore,
  Relay,
  UnitOfWork,
} from '@backhaul/persistence';
import { Egress } from '@backhaul/psa';
import { consumerMetrics, createLogger, type Logger } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { anchoringOf } from './audit/anchoring.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import { type Config, readConfig } from './config.js';
import { fingerprintKeyOf } from './data-keys/fingerprint-key.js';
import { accountsDataSource } from './database.js';

const NAME = 'accounts';

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await accountsDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const publisher = new Publisher(kafka, { prefix: config.KAFKA_TOPIC_PREFIX });
  const consumer = consumerOf({ kafka, publisher, dataSource }, config.KAFKA_TOPIC_PREFIX);
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
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
  const { SOAP_ENDS_AT: soapEndsAt, SERVICE_TOKEN_KEY: serviceTokenKey, PUBLIC_URL: publicUrl } = config;
  const { anchors } = anchoring;
  const app = await createHttpApp(
    AppModule.with({ dataSource, keyring, fingerprintKey, egress, soapEndsAt, serviceTokenKey, publicUrl, anchors }), // prettier-ignore
    {
      name: NAME,
      host: config.HOST,
      port: config.PORT,
      managementPort: config.MANAGEMENT_PORT,
      logger,
      serviceTokenKey,
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
        await dataSource.destroy();
      },
    },
  );
  relay.start();
  housekeeping.start();
  anchoring.start(config.AUDIT_ANCHOR_MINUTES);
  await app.listen();
}

interface Infrastructure {
  kafka: ReturnType<typeof createKafka>;
  publisher: Publisher;
  dataSource: DataSource;
}

function consumerOf({ kafka, publisher, dataSource }: Infrastructure, prefix: string): KafkaBatchServer {
  return new KafkaBatchServer({
    kafka,
    service: NAME,
    groupId: NAME,
    prefix,
    publisher,
    tables: [auditHeads],
    attempts: new PostgresAttemptStore(dataSource),
    observe: consumerMetrics(),
  });
}

const config = readConfig();
const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
runMain(() => start(config, logger), logger);
