import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidFrom } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import { Running } from '../testing/running.js';

jest.setTimeout(60_000);
const PER_SECOND = 5;
const AT_ONCE = 4 * PER_SECOND;
const OTHER = uuidFrom('another partner') as PartnerId;

let running: Running;
beforeAll(async () => {
  running = await Running.start({ RATE_LIMIT_PER_KEY: '1000', RATE_LIMIT_PER_PARTNER: String(PER_SECOND) });
  await running.query("INSERT INTO customer VALUES ($1, 1, NULL, 'Theirs')", [OTHER]);
  await running.query("INSERT INTO account VALUES (90000001, $1, 1, NULL, 'theirs', 'THEIRS')", [OTHER]);
});
afterAll(() => running.close());

let reports = 0;
const report = (key: string): Promise<Response> =>
  running.post(`/ping/${key}/1?rid=report-${(reports += 1)}`, 'went wrong');

it('keys of one partner share a budget: what is over it is 429, what was answered 200 is kept, others go on', async () => {
  const keys = await Promise.all([1, 2, 3].map(async () => (await running.endpoint('generic')).key));
  const theirs = await running.api('POST', '/endpoints', { agent: 'generic', accountNo: 90_000_001 }, OTHER);
  const { key: otherKey } = (await theirs.json()) as { key: string };
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: 90 }, (_, n) => report(keys[n % 3] ?? '')));
  const seconds = (performance.now() - startedAt) / 1000;
  const taken = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ status }) => status === 429);
  expect(taken + refused.length).toBe(90);
  expect(taken).toBeGreaterThanOrEqual(AT_ONCE);
  expect(taken).toBeLessThanOrEqual(AT_ONCE + 1 + Math.ceil(seconds * PER_SECOND));
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await running.countEvents()).toBe(taken);
  expect((await report(otherKey)).status).toBe(200);
  await eventually(async () => expect((await report(keys[0] ?? '')).status).toBe(200), { timeoutMs: 20_000 });
});
