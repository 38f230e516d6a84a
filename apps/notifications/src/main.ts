import { createHttpApp, runMain } from '@backhaul/http';
import { createKafka, KafkaBatchServer, Publisher } from '@backhaul/messaging';
import { systemClock } from '@backhaul/domain';
import {
  asCaller,
  DeadLetterTable,
  letterBacklogAcrossTenants,
  outboxBacklog,
  OutboxSource,
  PostgresAttemptStore,
  Relay,
  UnitOfWork,
} from '@backhaul/persistence';
import {
  consumerMetrics,
  createLogger,
  deadLetterMetrics,
  type Logger,
  outboxMetrics,
  scrubText as scrub,
} from '@backhaul/telemetry';
import { AppModule } from './app.module.js';
import { type Config, readConfig } from './config.js';
import { notificationsDataSource } from './database.js';
import { type MailSettings, mailQueueOf, startMail } from './mail/mail-parts.js';
import { orderKeyOfRecord } from './requests/order-key.js';
import { startInboxPurge } from './requests/inbox-purge.js';

const NAME = 'notifications';

const mailSettingsOf = (config: Config): MailSettings => ({
  databaseUrl: config.DATABASE_URL,
  smtpUrl: config.SMTP_URL ?? null,
  from: config.MAIL_FROM,
  timeoutS: config.SMTP_TIMEOUT_S,
  publicUrl: config.PUBLIC_URL,
  serviceTokenKey: config.SERVICE_TOKEN_KEY,
});

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await notificationsDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const publisher = new Publisher(kafka, { prefix });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  const purge = startInboxPurge(dataSource, logger);
  const consumer = new KafkaBatchServer({
    kafka,
    service: NAME,
    groupId: NAME,
    prefix,
    publisher,
    attempts: new PostgresAttemptStore(dataSource),
    deadLetters: new DeadLetterTable(dataSource, { scrub, orderKeyOf: orderKeyOfRecord }),
    observe: consumerMetrics(),
  });
  outboxMetrics(() => outboxBacklog(dataSource));
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
  const mail = mailSettingsOf(config);
  const mailQueue = mailQueueOf(mail);
  await mailQueue.start();
  const app = await createHttpApp(AppModule.with({ dataSource, relay, mailQueue, replayer: consumer }), {
    name: NAME,
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    within: asCaller,
    openapi: { title: 'Backhaul notifications' },
    readiness: { database: async () => void (await dataSource.query('SELECT 1')) },
    microservices: [consumer],
    onStop: async () => {
      purge.stop();
      await mailQueue.stop();
      await relay.stop();
      await publisher.close();
      await dataSource.destroy();
    },
  });
  relay.start();
  await app.listen();
  await startMail(mailQueue, new UnitOfWork(dataSource), mail, systemClock);
}

runMain(async () => {
  const config = readConfig();
  const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
  runMain(() => start(config, logger), logger);
});
