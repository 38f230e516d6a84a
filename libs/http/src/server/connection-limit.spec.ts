import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { eventually, SlowClient } from '@backhaul/testing';
import { startDemo } from '../testing/demo-app.js';
import { limitsWithin } from './connection-limit.js';

jest.setTimeout(60_000);

const path = '/api/v1/raw/key';
const held: { close(): void }[] = [];
afterEach(async () => {
  for (const one of held.splice(0)) one.close();
});

async function hold(url: string, count: number): Promise<SlowClient[]> {
  const clients = Array.from({ length: count }, () => new SlowClient({ url, path }));
  held.push(...clients);
  await Promise.all(clients.map((client) => client.ready()));
  return clients;
}

function socketTo(url: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
    held.push({ close: () => socket.destroy() });
  });
}

describe('more connections than there is room for', () => {
  test('are told so with 503, those far beyond are cut, and all is as before when they have gone', async () => {
    const demo = await startDemo({ connectionLimits: { served: 5, accepted: 8 } });
    const slow = await hold(demo.url, 5);
    const { status, text } = await new SlowClient({ url: demo.url, path, contentLength: 0 }).answered;
    expect(status).toBe(503);
    expect(text).toMatch(/retry-after: \d/);
    expect(text).toContain('/docs/problems/too-busy');

    for (let n = 0; n < 3; n += 1) await socketTo(demo.url);
    const cut = await socketTo(demo.url);
    await new Promise((resolve) => cut.once('close', resolve));
    for (const client of slow) client.close();
    await eventually(
      async () => (await fetch(demo.url + path, { method: 'POST', body: 'x' })).status === 201,
    );
    await demo.close();
  });

  test('take the place of those that are idle', async () => {
    const demo = await startDemo({ connectionLimits: { served: 5, accepted: 8 } });
    const idle = await Promise.all(Array.from({ length: 5 }, () => socketTo(demo.url)));
    const asked = `GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n`;
    for (const socket of idle) {
      socket.write(asked);
      await new Promise((resolve) => socket.once('data', resolve));
    }
    await eventually(
      async () => (await fetch(demo.url + path, { method: 'POST', body: 'x' })).status === 201,
    );
    await demo.close();
  });
});

test('descriptors stay free for the process itself, however few there are', () => {
  expect(limitsWithin(1024, 60)).toEqual({ served: 723, accepted: 783 });
  expect(limitsWithin(1_048_576, 60)).toEqual({ served: 1_048_004, accepted: 1_048_132 });
  expect(limitsWithin(64, 50)).toEqual({ served: 7, accepted: 8 });
  expect(limitsWithin(Infinity, 60)).toBeNull();
});
