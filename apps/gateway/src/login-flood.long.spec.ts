import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  emptyDatabase,
  eventually,
  type RunningService,
  runProgram,
  runService,
  testKafka,
} from '@backhaul/testing';
import { Agent, request } from 'undici';

jest.setTimeout(120_000);
const LOGINS = 10_000;
const AGENTS = 8;
const WINDOW_MS = 15_000;
/** What an agent waits at most, while the whole crowd logs in: far below the 10 s after which agents give up. */
const P99_MS = 3000;
/** What who is logged in already waits. */
const PERSON_P99_MS = 8000;

const cleanUp: (() => Promise<unknown>)[] = [];
const newKey = (): string => randomBytes(32).toString('base64');
const crowd = new Agent({ connections: 300, headersTimeout: 120_000 });
let gateway: RunningService;
let ingestion: RunningService;
let key: string;
let apiKey: string;

beforeAll(async () => {
  const kafka = await testKafka();
  cleanUp.push(() => kafka.close());
  const common = {
    SERVICE_TOKEN_KEY: newKey(),
    KEY_ENCRYPTION_KEY: newKey(),
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    // Nothing but the gate and the connections apart hold the crowd back.
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
  const [accounts, accountsUrl] = await storing('accounts');
  [ingestion] = await storing('ingestion');
  // The crowd comes from as many addresses, so no budget of one address keeps it away.
  const urls = { ACCOUNTS_URL: accounts.url, INGESTION_URL: ingestion.url, TRUSTED_PROXIES: '127.0.0.0/8' };
  gateway = await runService('gateway', { ...common, ...urls });
  cleanUp.push(() => gateway.stop());
  const made = JSON.parse(
    await runProgram('accounts', 'create-partner.js', { DATABASE_URL: accountsUrl }, ['--name', 'Crowded']),
  ) as { apiKey: string };
  ({ apiKey } = made);
  key = await endpointKey(apiKey);
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

async function endpointKey(apiKey: string): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${gateway.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { custId } = await eventually(() => post('/customers', { name: 'ACME' }), { timeoutMs: 20_000 });
  return String((await post('/endpoints', { agent: 'generic', custId }))['key']);
}

/** Milliseconds of each call of several callers until `isOver`, sorted. @throws Error for a call that was refused */
async function timed(
  callers: number,
  isOver: () => boolean,
  call: () => Promise<Response>,
): Promise<number[]> {
  const times: number[] = [];
  const caller = async (): Promise<void> => {
    while (!isOver()) {
      const startedAt = performance.now();
      const answer = await call();
      await answer.text();
      if (answer.status !== 200) throw new Error(`${answer.url} answered ${answer.status}`);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times.sort((a, b) => a - b);
}

let pings = 0;
const report = (): Promise<Response> =>
  fetch(`${ingestion.url}/ping/${key}/0?rid=${(pings += 1)}`, { method: 'POST' });
const look = (): Promise<Response> =>
  fetch(`${gateway.url}/api/v1/customers`, { headers: { authorization: `Bearer ${apiKey}` } });

const p99 = (sorted: number[]): number =>
  sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY;

async function logIn(i: number): Promise<number> {
  const { statusCode, body } = await request(`${gateway.url}/api/v1/session`, {
    dispatcher: crowd,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    },
    body: JSON.stringify({ username: `somebody-${i}`, password: 'a guess as good as any' }),
  });
  await body.dump();
  return statusCode;
}

it('10,000 logins at once: some are looked at, others come back later; agents, and who is logged in, go on', async () => {
  const until = performance.now() + WINDOW_MS;
  const isOver = (): boolean => performance.now() > until;
  const statuses = new Map<number, number>();
  const logins = Array.from({ length: LOGINS }, async (_, i) => {
    const status = await logIn(i);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  const allSettled = Promise.allSettled(logins);
  const [times, looks] = await Promise.all([timed(AGENTS, isOver, report), timed(1, isOver, look)]);
  // Who still waits then goes away: a slow machine needs minutes for all of them.
  await crowd.destroy();
  await allSettled;
  const seen = Object.fromEntries(statuses);
  const [wait, lookWait] = [times, looks].map((each) => Math.round(p99(each)));
  const said = `${times.length} reports, p99 ${wait} ms; ${looks.length} looks, p99 ${lookWait} ms`;
  process.stderr.write(`${said}; logins: ${JSON.stringify(seen)}\n`);
  // Wrong, or come back later; nothing breaks.
  expect(Object.keys(seen).filter((status) => !['401', '503'].includes(status))).toEqual([]);
  expect(seen).toMatchObject({ 401: expect.any(Number), 503: expect.any(Number) });
  expect(times.length).toBeGreaterThan(AGENTS);
  expect(wait).toBeLessThan(P99_MS);
  expect(lookWait).toBeLessThan(PERSON_P99_MS);
});
