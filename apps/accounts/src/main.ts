import { createHttpApp, runMain } from '@backhaul/http';
import { createKafka, KafkaBatchServer, Publisher } from '@backhaul/messaging';
import { asCaller, OutboxSource, PostgresAttemptStore, Relay } from '@backhaul/persistence';
import { createEgressDispatcher, parseAllowList } from '@backhaul/psa';
import { consumerMetrics, createLogger, type Logger } from '@backhaul/telemetry';
import { AppModule } from './app.module.js';
import { type Config, readConfig } from './config.js';
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
  const consumer = new KafkaBatchServer({
    kafka,
    service: NAME,
    groupId: NAME,
    prefix: config.KAFKA_TOPIC_PREFIX,
    publisher,
    attempts: new PostgresAttemptStore(dataSource),
    observe: consumerMetrics(),
  });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  const allow = config.EGRESS_ALLOW.split(',').filter((entry) => entry.trim() !== '');
  const egress = { allow: parseAllowList(allow), dispatcher: createEgressDispatcher({ allow }) };
  const app = await createHttpApp(
    AppModule.with({ dataSource, kek: Buffer.from(config.KEY_ENCRYPTION_KEY, 'base64'), egress }),
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
        await relay.stop();
        await publisher.close();
        await egress.dispatcher.close();
        await dataSource.destroy();
      },
    },
  );
  relay.start();
  await app.listen();
}

const config = readConfig();
const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
runMain(() => start(config, logger), logger);
