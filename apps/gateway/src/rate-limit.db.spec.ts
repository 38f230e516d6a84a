import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { RunningGateway } from './testing/running-gateway.js';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start({ RATE_LIMIT_BURST: 5, RATE_LIMIT_PER_SECOND: 1 });
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
