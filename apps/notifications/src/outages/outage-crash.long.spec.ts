import { describe, expect, it, jest } from '@jest/globals';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { backupEvents, Publisher, type TicketRequestPayload, toRecord } from '@backhaul/messaging';
import {
  crashPoints, emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka, type TestKafka,
} from '@backhaul/testing'; // prettier-ignore
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { defaultsFor } from '../rules/rule-defaults.js';
import { buildKnownEvent, type EventIn, PARTNER } from '../testing/builders.js';
import { delivered } from '../testing/system.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s; what waits does so for a minute.
jest.setTimeout(500_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };
const KEY = 'k'.repeat(32);
const ACCOUNTS = [3000, 3001, 3002];

async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function createRule(service: RunningService): Promise<void> {
  const who = programIdentity({ partnerId: PARTNER, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
  const headers = { 'content-type': 'application/json', [PRINCIPAL_HEADER]: signPrincipal(KEY, who, 'notifications') }; // prettier-ignore
  const rule = { ...defaultsFor('open_connectwise_ticket'), siteOutage: { accounts: 3, withinMinutes: 1 } };
  const answer = await fetch(`${service.url}/api/v1/notification-rules`, { method: 'POST', headers, body: JSON.stringify(rule) }); // prettier-ignore
  expect(answer.status).toBe(201);
}

/** What stands in the topic of requests, each once. */
async function requestsOf(kafka: TestKafka) {
  const found = new Map<string, TicketRequestPayload>();
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}watcher` });
  await consumer.connect();
  await consumer.subscribe({
    topics: [`${kafka.prefix}ticket.requests.connectwise.v1`],
    fromBeginning: true,
  });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const request = JSON.parse(message.value?.toString() ?? '') as TicketRequestPayload;
      found.set(request.requestId, request);
    },
  });
  return { found, close: () => consumer.disconnect() };
}

/** An outage whose ticket a process asks for that dies there; the next one does the rest. */
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
  const requests = await requestsOf(kafka);
  const publish = (over: EventIn) => {
    const receivedAt = new Date(Date.now() + 500).toISOString();
    const events = ACCOUNTS.map((accountNo) => delivered(buildKnownEvent({ accountNo, receivedAt, ...over })));
    return publisher.send(events.map(({ payload, envelope }) => toRecord(backupEvents, payload, envelope)));
  }; // prettier-ignore
  const first = await runService('notifications', env);
  await createRule(first);
  await publish({});
  const waiting = () => query(database.url, 'SELECT 1 FROM problem_watch WHERE due_at > now()');
  await eventually(async () => expect(await waiting()).toHaveLength(ACCOUNTS.length), WAIT);
  await first.stop();
  const doomed = await runService('notifications', { ...env, CRASH_AT: point });
  const ending = await doomed.exited;
  const last = await runService('notifications', env);
  try {
    await eventually(() => expect(requests.found.size).toBe(ACCOUNTS.length), WAIT);
    await publish({ type: 'backup.completed' });
    await eventually(() => expect(requests.found.size).toBe(ACCOUNTS.length + 1), WAIT);
    await eventually(async () => expect(await query(database.url, 'SELECT 1 FROM outbox')).toEqual([]), WAIT);
    const told = [...requests.found.values()];
    const rows = await query(database.url, 'SELECT incident_key FROM raised UNION SELECT incident_key FROM problem_watch'); // prettier-ignore
    const tickets = new Set(told.map(({ accountNo, incidentKey }) => `${accountNo} ${incidentKey}`));
    return { ending, tickets: tickets.size, intents: told.map(({ intent }) => intent), left: rows.length };
  } finally {
    await last.stop();
    await requests.close();
    await publisher.close();
    await Promise.all([kafka.close(), database.drop()]);
  }
}

describe('notifications, killed over a site outage', () => {
  it('asks once for its one ticket, and once for its end', async () => {
    const points = crashPoints(
      ['notifications.outages.after-commit'],
      ['notifications.outages.before-commit'],
    );
    const brokers: TestKafka[] = [];
    for (const _ of points) brokers.push(await testKafka());
    const results = await Promise.all(points.map((point, at) => crashAt(point, brokers[at] as TestKafka)));
    for (const [at, point] of points.entries())
      expect([point, results[at]]).toEqual([
        point,
        { ending: 'SIGKILL', tickets: 1, intents: ['raise', 'raise', 'raise', 'resolve'], left: 0 },
      ]);
  });
});
