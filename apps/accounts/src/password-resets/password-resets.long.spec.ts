import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka, type TestKafka, TestSmtp,
} from '@backhaul/testing'; // prettier-ignore

jest.setTimeout(180_000);
const OLD = 'a lamp on the quiet stair';
const NEW = 'seven green boats at anchor';
const WAIT = { timeoutMs: 60_000, intervalMs: 200 };

let kafka: TestKafka;
let smtp: TestSmtp;
let apiKey: string;
const databases: Awaited<ReturnType<typeof emptyDatabase>>[] = [];
const services: RunningService[] = [];
const published: string[] = [];
let gateway: RunningService;
let stopReading: () => Promise<void>;

async function readAll(): Promise<() => Promise<void>> {
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}everything` });
  await consumer.connect();
  await consumer.subscribe({ topics: [new RegExp(`^${kafka.prefix}`)], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      published.push(`${topic} ${String(message.key)} ${String(message.value)}`);
    },
  });
  return () => consumer.disconnect();
}

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.url}/api/v1/${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

beforeAll(async () => {
  kafka = await testKafka();
  smtp = await TestSmtp.start();
  databases.push(await emptyDatabase(), await emptyDatabase());
  const shared = {
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: 'token-key-of-the-suite'.repeat(2),
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'https://portal.example',
    SMTP_URL: smtp.url,
    LOG_LEVEL: 'debug',
  };
  const urls = databases.map(({ url }) => ({ DATABASE_URL: url }));
  await runProgram('accounts', 'migrate.js', urls[0] ?? {});
  await runProgram('notifications', 'migrate.js', urls[1] ?? {});
  const made = await runProgram('accounts', 'create-partner.js', urls[0] ?? {}, ['--name', 'E2E']);
  ({ apiKey } = JSON.parse(made) as { apiKey: string });
  services.push(await runService('accounts', { ...shared, ...urls[0] }));
  services.push(await runService('notifications', { ...shared, ...urls[1] }));
  const [accounts, notifications] = services.map(({ url }) => url);
  const nowhere = 'http://127.0.0.1:1';
  gateway = await runService('gateway', {
    ...shared,
    ACCOUNTS_URL: accounts ?? '',
    NOTIFICATIONS_URL: notifications ?? '',
    INGESTION_URL: nowhere,
    TICKETING_CONNECTWISE_URL: nowhere,
    TICKETING_AUTOTASK_URL: nowhere,
  });
  services.push(gateway);
  stopReading = await readAll();
});

afterAll(async () => {
  await stopReading();
  for (const service of services) await service.stop();
  await smtp.close();
  for (const database of databases) await database.drop();
  await kafka.close();
});

it('a forgotten password is chosen anew from a mailbox, through the gateway, and the link stands nowhere else', async () => {
  const asPartner = { authorization: `Bearer ${apiKey}` };
  const { body: customer } = await call('POST', 'customers', { name: 'ACME' }, asPartner);
  const account = {
    custId: customer['custId'],
    username: 'jo',
    password: OLD,
    contact: 'Jo <jo@acme.example>',
  };
  expect((await call('POST', 'accounts', account, asPartner)).status).toBe(201);
  expect((await call('POST', 'password-resets', { username: 'nobody' })).status).toBe(202);
  expect((await call('POST', 'password-resets', { username: 'jo' })).status).toBe(202);
  const mail = await eventually(async () => {
    expect(smtp.received).toHaveLength(1);
    return smtp.received[0];
  }, WAIT);
  expect(mail?.to).toBe('jo@acme.example');
  expect(mail?.headers.get('subject')).toBe('Choose a new password');
  expect(mail?.headers.get('from')).toContain('E2E');
  expect(mail?.headers.has('list-unsubscribe')).toBe(false);
  const [, token = ''] =
    /https:\/\/portal\.example\/password-reset#(bkr_[\w-]{43})\s/.exec(mail?.text ?? '') ?? [];
  expect(token).not.toBe('');

  const path = `password-resets/${token}`;
  const weak = await call('PUT', path, { password: 'short' });
  expect([weak.status, weak.body['title']]).toEqual([422, 'Refused by a rule']);
  expect((await call('PUT', path, { password: NEW })).status).toBe(204);
  expect((await call('PUT', path, { password: NEW })).status).toBe(404);
  expect((await call('POST', 'session', { username: 'jo', password: OLD })).status).toBe(401);
  expect((await call('POST', 'session', { username: 'jo', password: NEW })).status).toBe(201);

  await eventually(async () => expect(published.join('\n')).toContain('mail.requests.v1'), WAIT);
  const secret = token.slice('bkr_'.length);
  expect(published.join('\n')).not.toContain(secret);
  for (const service of services) expect(service.logs()).not.toContain(secret);
});
