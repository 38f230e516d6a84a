import { describe, expect, it, jest } from '@jest/globals';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { accountsAccounts, backupEvents, mailOutcomes, Publisher, toRecord } from '@backhaul/messaging';
import {
  crashPoints, emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka, type TestKafka, TestSmtp,
} from '@backhaul/testing'; // prettier-ignore
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { ACCOUNT, BRAND, buildKnownEvent, CUSTOMER, PARTNER } from '../testing/builders.js';
import { defaultsFor } from '../rules/rule-defaults.js';
import { delivered } from '../testing/system.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(400_000);
Logger.overrideLogger(false);
const KEY = 'k'.repeat(32);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };

async function rows<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A rule that asks for the mail that the account's own options ask for as well. */
async function createRule({ url }: RunningService): Promise<void> {
  const role = 'partner-senior-manager';
  const principal = programIdentity({ partnerId: PARTNER, role, scopes: [], subject: 'key:test' });
  const answer = await fetch(`${url}/api/v1/notification-rules`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [PRINCIPAL_HEADER]: signPrincipal(KEY, principal, 'notifications'),
    },
    body: JSON.stringify(defaultsFor('email')),
  });
  expect(answer.status).toBe(201);
}

/** What was told of the rule's mail: each message once, however often it stands in the topic. */
async function outcomesIn(kafka: TestKafka): Promise<string[]> {
  const told = new Map<string, string>();
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}outcomes` });
  await consumer.connect();
  await consumer.subscribe({ topics: [kafka.prefix + mailOutcomes.name], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { state } = JSON.parse(String(message.value)) as { state: string };
      told.set(String(message.headers?.['id']), state);
    },
  });
  await eventually(async () => expect(told.size).toBeGreaterThan(0), WAIT);
  await consumer.disconnect();
  return [...told.values()];
}

/** Kills the service at that point of its first mail, starts it again; answers what the mailbox holds in the end. */
async function crashAt(point: string, kafka: TestKafka) {
  const [database, smtp] = await Promise.all([emptyDatabase(), TestSmtp.start()]);
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: KEY,
    SMTP_URL: smtp.url,
    SMTP_TIMEOUT_S: '5',
  };
  await runProgram('notifications', 'migrate.js', env);
  const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  const doomed = await runService('notifications', { ...env, CRASH_AT: point });
  await createRule(doomed);
  const account = {
    partnerId: PARTNER,
    accountNo: ACCOUNT,
    custId: CUSTOMER,
    brandId: BRAND,
    username: 'acme-fs01',
    hostName: null,
    contact: 'jo@acme.example',
  };
  const event = delivered(buildKnownEvent({ receivedAt: new Date().toISOString() }));
  await publisher.send([toRecord(accountsAccounts, account, event.envelope)]);
  await eventually(
    async () => expect(await rows(database.url, 'SELECT 1 FROM known_account')).toHaveLength(1),
    WAIT,
  );
  await publisher.send([toRecord(backupEvents, event.payload, event.envelope)]);
  const ending = await doomed.exited;
  const service = await runService('notifications', env);
  try {
    const mails = () =>
      rows<{ state: string; attempts: number }>(database.url, 'SELECT state, attempts FROM mail');
    await eventually(async () => expect(await mails()).toMatchObject([{ state: 'sent' }]), WAIT);
    const ids = smtp.received.map(({ headers }) => headers.get('message-id'));
    const [mail] = await mails();
    const outcomes = await outcomesIn(kafka);
    return { ending, attempts: mail?.attempts, copies: ids.length, ids: new Set(ids).size, outcomes };
  } finally {
    await service.stop();
    await publisher.close();
    await smtp.close();
    await Promise.all([kafka.close(), database.drop()]);
  }
}

describe('notifications, killed while it mails', () => {
  it('loses no mail and no outcome, and sends one twice only where it died between the 250 and its record, with one Message-ID', async () => {
    const expected: Record<string, { attempts: number; copies: number }> = {
      'notifications.apply.before-commit': { attempts: 1, copies: 1 },
      'notifications.apply.after-commit': { attempts: 1, copies: 1 },
      'mail.before-send': { attempts: 2, copies: 1 },
      'mail.after-send': { attempts: 2, copies: 2 },
      'mail.after-record': { attempts: 1, copies: 1 },
    };
    const points = crashPoints(
      ['notifications.apply.after-commit', 'mail.after-send'],
      ['notifications.apply.before-commit', 'mail.before-send', 'mail.after-record'],
    );
    const brokers: TestKafka[] = [];
    for (const _ of points) brokers.push(await testKafka());
    const results = await Promise.all(points.map((point, at) => crashAt(point, brokers[at] as TestKafka)));
    const seen = Object.fromEntries(results.map((result, at) => [points[at] ?? '', result]));
    for (const point of points)
      expect([point, seen[point]]).toEqual([
        point,
        { ending: 'SIGKILL', ids: 1, outcomes: ['done'], ...expected[point] },
      ]);
  });
});
