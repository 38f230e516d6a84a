import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { doneByApi, eventually, type RunningService, runProgram, ServiceGroup } from '@backhaul/testing';
import { Agent, request } from 'undici';

jest.setTimeout(120_000);
const LOGINS = 10_000;
const AGENTS = 8;
const WINDOW_MS = 15_000;
/** What an agent waits at most, while the whole crowd logs in: far below the 10 s after which agents give up. */
const P99_MS = 3000;
/** What who is logged in already waits. */
const PERSON_P99_MS = 8000;

let services: ServiceGroup;
const crowd = new Agent({ connections: 300, headersTimeout: 120_000 });
let gateway: RunningService;
let ingestion: RunningService;
let key: string;
let apiKey: string;

beforeAll(async () => {
  // Without shedding, nothing but the gate and the connections apart hold the crowd back.
  services = await ServiceGroup.start();
  const DATABASE_URL = await services.database('accounts');
  const accounts = await services.run('accounts', { DATABASE_URL });
  ingestion = await services.run('ingestion', { DATABASE_URL: await services.database('ingestion') });
  // The crowd comes from as many addresses, so no budget of one address keeps it away.
  const urls = { ACCOUNTS_URL: accounts.url, INGESTION_URL: ingestion.url, TRUSTED_PROXIES: '127.0.0.0/8' };
  gateway = await services.run('gateway', urls);
  const made = await runProgram('accounts', 'create-partner.js', { DATABASE_URL }, ['--name', 'Crowded']);
  ({ apiKey } = JSON.parse(made) as { apiKey: string });
  key = await endpointKey();
});
afterAll(() => services.stop());

async function endpointKey(): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> =>
    (await doneByApi(gateway, 'POST', path, { authorization: `Bearer ${apiKey}` }, body)).body;
  const { custId } = await eventually(() => post('customers', { name: 'ACME' }), { timeoutMs: 20_000 });
  return String((await post('endpoints', { agent: 'generic', custId }))['key']);
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
