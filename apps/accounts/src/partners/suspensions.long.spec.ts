import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  emptyDatabase,
  eventually,
  runProgram,
  type RunningService,
  runService,
  testKafka,
} from '@backhaul/testing';

jest.setTimeout(180_000);
/** What a suspension may take, everywhere. */
const WITHIN = { timeoutMs: 2000, intervalMs: 20 };
const PATIENT = { timeoutMs: 30_000 };

const cleanUp: (() => Promise<unknown>)[] = [];
let accounts: RunningService;
let ingestion: RunningService;
let gateway: RunningService;
let databaseUrl: string;

beforeAll(async () => {
  const kafka = await testKafka();
  cleanUp.push(() => kafka.close());
  const common = {
    SERVICE_TOKEN_KEY: 'token-key-of-the-suite'.repeat(2),
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    LOAD_SHEDDING: 'off',
  };
  const storing = async (app: string): Promise<[RunningService, string]> => {
    const database = await emptyDatabase();
    cleanUp.push(() => database.drop());
    await runProgram(app, 'migrate.js', { DATABASE_URL: database.url });
    const service = await runService(app, { ...common, DATABASE_URL: database.url });
    cleanUp.push(() => service.stop());
    return [service, database.url];
  };
  [accounts, databaseUrl] = await storing('accounts');
  [ingestion] = await storing('ingestion');
  gateway = await runService('gateway', {
    ...common,
    ACCOUNTS_URL: accounts.url,
    INGESTION_URL: ingestion.url,
  });
  cleanUp.push(() => gateway.stop());
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

type Headers = Record<string, string>;

async function call(method: string, path: string, headers: Headers, body?: object) {
  const answer = await fetch(`${gateway.url}/api/v1/${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return {
    status: answer.status,
    body: json,
    cookie: answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '',
  };
}

const printed = async (file: string, args: string[]): Promise<Record<string, string>> =>
  JSON.parse(await runProgram('accounts', file, { DATABASE_URL: databaseUrl }, args)) as Record<
    string,
    string
  >;
const basicOf = ({ username, password }: Record<string, string>): Headers => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
async function created(path: string, headers: Headers, body?: object): Promise<Record<string, unknown>> {
  const answer = await call('POST', path, headers, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A partner with every way in that there is. */
async function partner(): Promise<{ partnerId: string; ways: Record<string, Headers>; ping: string }> {
  const { partnerId = '', apiKey = '' } = await printed('create-partner.js', ['--name', 'Shut out']);
  const asKey = { authorization: `Bearer ${apiKey}` };
  const { custId } = await eventually(() => created('customers', asKey, { name: 'ACME' }), PATIENT);
  const person = { username: 'jo', password: 'a lamp on the quiet stair' };
  const program = { username: 'jo-api', password: 'seven green boats at anchor' };
  await created('accounts', asKey, { custId, ...person, role: 'partner-senior-manager' });
  await created('accounts', asKey, { custId, ...program, role: 'partner-api' });
  const { cookie } = await call('POST', 'session', {}, person);
  const { token } = await created('tokens', basicOf(program));
  const { key } = await eventually(() => created('endpoints', asKey, { agent: 'generic', custId }), PATIENT);
  const ways = {
    'an API key': asKey,
    'a session': { cookie },
    'a token': { authorization: `Bearer ${String(token)}` },
    Basic: basicOf(program),
  };
  return { partnerId, ways, ping: `${ingestion.url}/ping/${String(key)}/0` };
}

it('a suspended partner is refused within two seconds by every way in, its agents are not, and restored it is let in', async () => {
  const { partnerId, ways, ping } = await partner();
  const operator = await printed('create-operator.js', ['--username', 'op']);
  const { username = '', password = '' } = operator;
  const { cookie } = await call('POST', 'session', {}, { username, password });
  const decide = (what: string) =>
    call('POST', `partners/${partnerId}/${what}`, { cookie }, { reason: 'Unpaid' });
  const answers = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ways).map(async ([name, headers]) => {
          const { status, body } = await call('GET', 'customers', headers);
          return [name, status === 403 ? body['type'] : status] as const;
        }),
      ),
    );
  const all = (answer: unknown) => Object.fromEntries(Object.keys(ways).map((name) => [name, answer]));
  const refused = all('/docs/problems/partner-suspended');
  const becomes = async (expected: object): Promise<number> => {
    const startedAt = performance.now();
    await eventually(async () => expect(await answers()).toEqual(expected), WITHIN);
    return Math.round(performance.now() - startedAt);
  };
  expect(await answers()).toEqual(all(200));

  expect((await decide('suspend')).status).toBe(200);
  const took = [await becomes(refused)];
  expect((await fetch(ping, { method: 'POST' })).status).toBe(200);
  expect(
    (await call('POST', 'session', {}, { username: 'jo', password: 'a lamp on the quiet stair' })).status,
  ).toBe(403);
  expect((await decide('restore')).status).toBe(200);
  took.push(await becomes(all(200)));

  expect((await decide('suspend')).status).toBe(200);
  took.push(await becomes(refused));
  process.stderr.write(`suspended, restored and suspended everywhere after ${took.join(', ')} ms\n`);
  await accounts.stop();
  // Nobody to ask, and still no way in.
  expect(await answers()).toMatchObject({ 'an API key': '/docs/problems/partner-suspended' });
  expect(Object.values(await answers())).not.toContain(200);
});
