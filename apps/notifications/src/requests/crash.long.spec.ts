import { describe, expect, it, jest } from '@jest/globals';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { backupEvents, Publisher, toRecord } from '@backhaul/messaging';
import {
  crashPoints,
  emptyDatabase,
  eventually,
  runProgram,
  runService,
  type RunningService,
  testKafka,
  type TestKafka,
} from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { buildKnownEvent, PARTNER } from '../testing/builders.js';
import { delivered } from '../testing/system.js';
import { defaultsFor } from '../rules/rule-defaults.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(180_000);
Logger.overrideLogger(false);
const KEY = 'k'.repeat(32);
const TOPICS = ['notification.decisions.v1', 'ticket.requests.connectwise.v1'];

async function createRule(service: RunningService): Promise<void> {
  const principal = programIdentity({
    partnerId: PARTNER,
    role: 'partner-senior-manager',
    scopes: [],
    subject: 'key:test',
  });
  const answer = await fetch(`${service.url}/api/v1/notification-rules`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [PRINCIPAL_HEADER]: signPrincipal(KEY, principal, 'notifications'),
    },
    body: JSON.stringify(defaultsFor('open_connectwise_ticket')),
  });
  expect(answer.status).toBe(201);
}

/** Everything in the two topics: how often each message id stands there. */
async function readAll(
  kafka: TestKafka,
): Promise<{ close(): Promise<void>; ids: Map<string, Map<string, number>> }> {
  const ids = new Map(TOPICS.map((topic) => [topic, new Map<string, number>()]));
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}reader` });
  await consumer.connect();
  await consumer.subscribe({ topics: TOPICS.map((topic) => kafka.prefix + topic), fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      const seen = ids.get(topic.slice(kafka.prefix.length));
      const id = message.headers?.['id']?.toString() ?? '';
      seen?.set(id, (seen.get(id) ?? 0) + 1);
    },
  });
  return { ids, close: () => consumer.disconnect() };
}

async function countOf(url: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}

const EVENTS = 40;

/** Kills the service at that point while it works, starts it again, and answers what reached Kafka. */
async function crashAt(point: string, kafka: TestKafka) {
  const database = await emptyDatabase();
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: KEY,
  };
  await runProgram('notifications', 'migrate.js', env);
  const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  const reader = await readAll(kafka);
  const doomed = await runService('notifications', { ...env, CRASH_AT: point });
  await createRule(doomed);
  const at = Date.now() + 1000;
  const events = Array.from({ length: EVENTS }, (_, index) =>
    buildKnownEvent({
      job: `job ${index}`,
      accountNo: 2000 + (index % 7),
      receivedAt: new Date(at + index).toISOString(),
    }),
  );
  await publisher.send(
    events.map((event) => {
      const { payload, envelope } = delivered(event);
      return toRecord(backupEvents, payload, envelope);
    }),
  );
  const ending = await doomed.exited;
  const service = await runService('notifications', env);
  try {
    const unique = () => TOPICS.map((topic) => reader.ids.get(topic)?.size);
    await eventually(() => expect(unique()).toEqual([EVENTS, EVENTS]), {
      timeoutMs: 90_000,
      intervalMs: 250,
    });
    await eventually(async () => expect(await countOf(database.url, 'outbox')).toBe(0));
    return {
      ending,
      unique: unique(),
      inbox: await countOf(database.url, 'inbox'),
      raised: await countOf(database.url, 'raised'),
    };
  } finally {
    await service.stop();
    await reader.close();
    await publisher.close();
    await Promise.all([kafka.close(), database.drop()]);
  }
}

describe('notifications, killed while it works', () => {
  it('loses no event and acts on none twice, wherever the kill -9 falls', async () => {
    const points = crashPoints(
      ['notifications.apply.after-commit', 'relay.after-send'],
      ['notifications.apply.before-commit'],
    );
    const brokers: TestKafka[] = [];
    // One after the other: topics take the broker a while.
    for (const _ of points) brokers.push(await testKafka());
    const results = await Promise.all(
      points.map((point, index) => crashAt(point, brokers[index] as TestKafka)),
    );
    for (const result of results)
      expect(result).toEqual({ ending: 'SIGKILL', unique: [EVENTS, EVENTS], inbox: EVENTS, raised: EVENTS });
  });
});
