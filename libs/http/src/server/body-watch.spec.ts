import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually, SlowClient } from '@backhaul/testing';
import { startDemo } from '../testing/demo-app.js';
import { BODY_LIMITS } from './body-watch.js';

jest.setTimeout(60_000);

const GRACE_MS = 300;
const HELD_BYTES = 300_000;
const path = '/api/v1/raw/key';
let demo: Awaited<ReturnType<typeof startDemo>>;

beforeAll(async () => {
  demo = await startDemo({ bodyLimits: { graceMs: GRACE_MS, heldBytes: HELD_BYTES, bytesPerS: 1_000_000 } });
});
afterAll(() => demo.close());

const post = (bytes: number): Promise<Response> =>
  fetch(demo.url + path, { method: 'POST', body: Buffer.alloc(bytes, ' ') });

describe('a body', () => {
  test('that comes byte by byte is a 408 as a problem, and its connection ends; others are answered meanwhile', async () => {
    const slow = Array.from({ length: 50 }, () => new SlowClient({ url: demo.url, path, byteEveryMs: 20 }));
    await Promise.all(slow.map((one) => one.ready()));
    expect((await post(1000)).status).toBe(201);
    for (const answer of await Promise.all(slow.map((one) => one.answered))) {
      expect(answer.status).toBe(408);
      expect(answer.text).toContain('application/problem+json');
      expect(answer.text).toContain('/docs/problems/request-timeout');
      expect(answer.tookMs).toBeGreaterThan(GRACE_MS - 50);
    }
  });

  test('that does not come at all is a 408, too', async () => {
    const { status } = await new SlowClient({ url: demo.url, path }).answered;
    expect(status).toBe(408);
  });

  test('that comes at a fair rate has the time that it needs', async () => {
    const bytes = 200_000;
    const client = new SlowClient({ url: demo.url, path, contentLength: bytes });
    await client.ready();
    client.send(' '.repeat(bytes - 1));
    // It has bought 200 ms by now, and is due after that.
    const { status, tookMs } = await client.answered;
    expect(status).toBe(408);
    expect(tookMs).toBeGreaterThan(GRACE_MS + 150);
  });

  test('beyond the room that all have together is a 503 that says when to come back; room is free again afterwards', async () => {
    const first = new SlowClient({ url: demo.url, path, contentLength: HELD_BYTES });
    await first.ready();
    first.send(' '.repeat(HELD_BYTES - 1000));
    const refused = await eventually(async () => {
      const answer = await post(2000);
      return answer.status === 503 && answer;
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: '/docs/problems/too-busy' });
    first.close();
    expect(await eventually(async () => (await post(HELD_BYTES - 1000)).status === 201)).toBe(true);
  });

  test('too large by its own word is refused unread, with many others like it', async () => {
    const sent = Array.from({ length: 40 }, () => post(1_200_000));
    for (const answer of await Promise.all(sent)) expect(answer.status).toBe(413);
    expect((await post(1000)).status).toBe(201);
  });
});

test('a request is never waited for longer than agents are told', () => {
  const { graceMs, bytesPerS } = BODY_LIMITS;
  expect(graceMs).toBeLessThan(14_000);
  expect(graceMs / 1000 + (2 * 1024 * 1024) / bytesPerS).toBeLessThan(60);
});
