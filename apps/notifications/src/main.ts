import { createHttpApp, runMain } from '@backhaul/http';
import {
  accountsConnections,
  createKafka,
  KafkaBatchServer,
  Publisher,
  TopicDirectory,
} from '@backhaul/messaging';
import { systemClock } from '@backhaul/domain';
import {
  DatabaseTime,
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
import type { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { type Config, readConfig } from './config.js';
import { notificationsDataSource } from './database.js';
import { type MailSettings, mailQueueOf, startMail } from './mail/mail-parts.js';
import { orderKeyOfRecord } from './requests/order-key.js';
import { EventLogClient } from './previews/event-log.client.js';
import { startInboxPurge } from './requests/inbox-purge.js';
import { startDueTickets } from './watches/watch-parts.js';
import { ServiceKey } from './service-key.js';
import { WebhookParts, type WebhookSettings } from './webhooks/webhook-parts.js';

const NAME = 'notifications';

const mailSettingsOf = (config: Config): MailSettings => ({
  databaseUrl: config.DATABASE_URL,
  smtpUrl: config.SMTP_URL ?? null,
  from: config.MAIL_FROM,
  timeoutS: config.SMTP_TIMEOUT_S,
  publicUrl: config.PUBLIC_URL,
  serviceTokenKey: config.SERVICE_TOKEN_KEY,
});

const webhookSettingsOf = (config: Config): WebhookSettings => ({
  databaseUrl: config.DATABASE_URL,
  egressAllow: config.EGRESS_ALLOW,
  timeoutS: config.WEBHOOK_TIMEOUT_S,
  serviceTokenKey: config.SERVICE_TOKEN_KEY,
});

function tellBacklogs(dataSource: DataSource): void {
  outboxMetrics(() => outboxBacklog(dataSource));
  deadLetterMetrics(() => letterBacklogAcrossTenants(dataSource));
}

async function start(config: Config, logger: Logger): Promise<void> {
  const dataSource = await notificationsDataSource(
    config.DATABASE_URL,
    config.DATABASE_POOL_SIZE,
    'runtime',
  ).initialize();
  const time = await DatabaseTime.follow(dataSource, logger);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const publisher = new Publisher(kafka, { prefix });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  const purge = startInboxPurge(dataSource, logger);
  const consumer = new KafkaBatchServer({
    kafka,
    service: NAME,
    tables: [accountsConnections],
    groupId: NAME,
    prefix,
    publisher,
    attempts: new PostgresAttemptStore(dataSource),
    deadLetters: new DeadLetterTable(dataSource, { scrub, orderKeyOf: orderKeyOfRecord }),
    observe: consumerMetrics(),
  });
  tellBacklogs(dataSource);
  const due = startDueTickets(dataSource, systemClock, () => relay.wake());
  const mail = mailSettingsOf(config);
  const mailQueue = mailQueueOf(mail);
  const webhooks = new WebhookParts(webhookSettingsOf(config));
  for (const queue of [mailQueue, webhooks.queue]) await queue.start();
  const eventLog = new EventLogClient(config.INGESTION_URL, config.SERVICE_TOKEN_KEY);
  const connections = new TopicDirectory({ kafka, prefix, topic: accountsConnections });
  const stores = { dataSource, eventLog, connections, serviceKey: new ServiceKey(config.SERVICE_TOKEN_KEY) };
  const parts = { ...stores, relay, mailQueue, webhooks, replayer: consumer };
  const app = await createHttpApp(AppModule.with(parts), {
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
      for (const each of [due, mailQueue, webhooks, time]) await each.stop();
      await connections.close();
      await relay.stop();
      await publisher.close();
      await dataSource.destroy();
    },
  });
  relay.start();
  connections.start();
  await app.listen();
  await startMail(mailQueue, new UnitOfWork(dataSource), mail, systemClock);
  await webhooks.work(new UnitOfWork(dataSource), systemClock);
}

runMain(async () => {
  const config = readConfig();
  const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
  runMain(() => start(config, logger), logger);
});
