import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, FixedClock } from '@backhaul/testing';
import { RunningGateway } from './testing/running-gateway.js';

/** It stands still, so that no budget grows while a test runs. */
const clock = new FixedClock();
let gateway: RunningGateway;

beforeAll(async () => {
  const ofOneKey = { RATE_LIMIT_BURST: 5, RATE_LIMIT_PER_SECOND: 1 };
  const ofPartner = { RATE_LIMIT_PARTNER_BURST: 30, RATE_LIMIT_PARTNER_PER_SECOND: 1 };
  gateway = await RunningGateway.start({ ...ofOneKey, ...ofPartner }, clock);
});
afterAll(() => gateway?.stop());

test('above its budget a key gets 429 with Retry-After, other keys go on, and no service is bothered', async () => {
  const greedy = await gateway.issueKey();
  const modest = await gateway.issueKey();
  const call = (key: { text: string }): ReturnType<typeof gateway.call> =>
    gateway.call('GET', '/api/v1/brands', { authorization: `Bearer ${key.text}` });
  await eventually(async () => expect((await call(modest)).status).toBe(200));

  const answers = await Promise.all(Array.from({ length: 12 }, () => call(greedy)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(6);
  expect(answers.length - refused.length).toBe(answers.filter(({ status }) => status === 200).length);
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(gateway.services.accounts.seen.length).toBe(answers.length - refused.length + 1);
  expect((await call(modest)).status).toBe(200);
});

test('all keys of one partner share a budget, of which another partner takes nothing', async () => {
  clock.advance(600_000);
  const call = (text: string): ReturnType<typeof gateway.call> =>
    gateway.call('GET', '/api/v1/brands', { authorization: `Bearer ${text}` });
  const keys = await Promise.all(Array.from({ length: 10 }, () => gateway.issueKey()));
  const partnerId = '0190f3a1-0000-7000-8000-00000000cccc';
  const stranger = await gateway.issueKey({ partnerId });
  await eventually(async () => expect((await call(stranger.text)).status).toBe(200));
  clock.advance(600_000);
  const answers = await Promise.all(keys.flatMap(({ text }) => [1, 2, 3, 4].map(() => call(text))));
  const refused = answers.filter(({ status }) => status === 429);
  expect([answers.length - refused.length, refused.length]).toEqual([30, 10]);
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect((await call(stranger.text)).status).toBe(200);
  clock.advance(1000);
  expect((await call(keys[0]?.text ?? '')).status).toBe(200);
});
