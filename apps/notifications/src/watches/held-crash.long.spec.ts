import { describe, expect, it, jest } from '@jest/globals';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { backupEvents, Publisher, toRecord } from '@backhaul/messaging';
import {
  crashPoints, emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka, type TestKafka,
} from '@backhaul/testing'; // prettier-ignore
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { defaultsFor } from '../rules/rule-defaults.js';
import { buildKnownEvent, PARTNER } from '../testing/builders.js';
import { TestReceiver } from '../testing/receiver.js';
import { delivered } from '../testing/system.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(400_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };
const KEY = 'k'.repeat(32);
const JOBS = ['a', 'b', 'c'];

async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function post(service: RunningService, path: string, body: object): Promise<void> {
  const who = programIdentity({ partnerId: PARTNER, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
  const headers = { 'content-type': 'application/json', [PRINCIPAL_HEADER]: signPrincipal(KEY, who, 'notifications') }; // prettier-ignore
  const answer = await fetch(`${service.url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }); // prettier-ignore
  expect([path, answer.status]).toEqual([path, 201]);
}

/** The ids of what stands in a topic, with repeats. */
async function watch(kafka: TestKafka, topic: string) {
  const ids: string[] = [];
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}watcher` });
  await consumer.connect();
  await consumer.subscribe({ topics: [kafka.prefix + topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => void ids.push(message.headers?.['id']?.toString() ?? ''),
  });
  return { ids, close: () => consumer.disconnect() };
}

/** Kills the service at that point, starts it again; answers what a silence held back and what a receiver heard. */
async function crashAt(point: string, kafka: TestKafka) {
  const [database, receiver] = await Promise.all([emptyDatabase(), TestReceiver.start()]);
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: KEY,
    EGRESS_ALLOW: '127.0.0.0/8',
    WEBHOOK_TIMEOUT_S: '1',
  };
  await runProgram('notifications', 'migrate.js', env);
  const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  const tickets = await watch(kafka, 'ticket.requests.connectwise.v1');
  const doomed = await runService('notifications', { ...env, CRASH_AT: point });
  await post(doomed, 'notification-rules', defaultsFor('open_connectwise_ticket'));
  const webhook = {
    ...defaultsFor('webhook'),
    webhook: { url: receiver.url },
    scope: { accountNos: [3001] },
  };
  await post(doomed, 'notification-rules', webhook);
  const endsAt = new Date(Date.now() + 6000).toISOString();
  await post(doomed, 'silences', { reason: 'Soon over', scope: { accountNos: [3000] }, endsAt });
  const receivedAt = new Date(Date.now() + 500).toISOString();
  const events = [
    ...JOBS.map((job) => buildKnownEvent({ job, accountNo: 3000, receivedAt })),
    buildKnownEvent({ job: 'told', accountNo: 3001, receivedAt }),
  ].map((event) => delivered(event));
  await publisher.send(events.map(({ payload, envelope }) => toRecord(backupEvents, payload, envelope)));
  const ending = await doomed.exited;
  const service = await runService('notifications', env);
  try {
    const states = () => query<{ state: string }>(database.url, 'SELECT state FROM webhook_deliveries');
    await eventually(async () => expect(await states()).toEqual([{ state: 'delivered' }]), WAIT);
    // One for each job that was silent, and one for that of the account beside it.
    await eventually(() => expect(new Set(tickets.ids).size).toBe(JOBS.length + 1), WAIT);
    await eventually(async () => expect(await query(database.url, 'SELECT 1 FROM outbox')).toEqual([]), WAIT);
    const heard = receiver.calls.map(({ headers }) => headers['webhook-id']);
    const raised = await query(database.url, 'SELECT 1 FROM raised');
    return { ending, tickets: new Set(tickets.ids).size, raised: raised.length, calls: heard.length, ids: new Set(heard).size }; // prettier-ignore
  } finally {
    await service.stop();
    await tickets.close();
    await publisher.close();
    receiver.close();
    await Promise.all([kafka.close(), database.drop()]);
  }
}

describe('notifications, killed over what it held back and over its calls', () => {
  it('asks once for each ticket, and calls twice only where it died between answer and record, with one id', async () => {
    const calls: Record<string, number> = {
      'notifications.due.before-commit': 1,
      'notifications.due.after-commit': 1,
      'webhook.before-call': 1,
      'webhook.after-call': 2,
    };
    const points = crashPoints(
      ['notifications.due.after-commit', 'webhook.after-call'],
      ['notifications.due.before-commit', 'webhook.before-call'],
    );
    const brokers: TestKafka[] = [];
    for (const _ of points) brokers.push(await testKafka());
    const results = await Promise.all(points.map((point, at) => crashAt(point, brokers[at] as TestKafka)));
    for (const [at, point] of points.entries())
      expect([point, results[at]]).toEqual([
        point,
        { ending: 'SIGKILL', tickets: JOBS.length + 1, raised: JOBS.length + 1, calls: calls[point], ids: 1 },
      ]);
  });
});
