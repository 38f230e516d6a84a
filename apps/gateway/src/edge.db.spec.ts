import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { RunningGateway } from './testing/running-gateway.js';

jest.setTimeout(90_000);
let gateway: RunningGateway;
let key: string;
beforeAll(async () => {
  gateway = await RunningGateway.start({ LOAD_SHEDDING: 'on' });
  key = `Bearer ${(await gateway.issueKey()).text}`;
  await eventually(async () => (await gateway.call('GET', '/api/v1/customers', { authorization: key })).status === 200); // prettier-ignore
});
afterAll(() => gateway.stop());

/** Every kind of answer: pages, files, JSON of a service, problems of our own, what nobody serves. */
const ADDRESSES = ['/', '/docs', '/docs/problems/not-found', '/docs/static/swagger-ui.css', '/api/openapi.json', '/api/v1/customers', '/api/v1/nothing', '/nothing', '/api/v1/me']; // prettier-ignore

describe('what a browser is told', () => {
  it.each(ADDRESSES)(
    '%s may not be framed, sniffed, scripted or told of (3.4.3 to 3.4.6, 3.4.8)',
    async (address) => {
      for (const authorization of [key, 'none']) {
        const { headers } = await gateway.call('GET', address, { authorization });
        const policy = String(headers['content-security-policy']);
        for (const rule of [
          "default-src 'none'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'none'",
        ])
          expect(policy).toContain(rule);
        expect(policy).not.toMatch(/script-src[^;]*(unsafe|\*|https?:)/);
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        });
        expect(headers['x-powered-by']).toBeUndefined();
        expect(headers['server']).toBeUndefined();
      }
    },
  );

  it('no other site may read an answer (3.4.2)', async () => {
    const origin = 'https://elsewhere.example';
    for (const address of ADDRESSES)
      for (const method of ['GET', 'OPTIONS']) {
        const asked = { origin, authorization: key, 'access-control-request-method': 'GET' };
        const { headers } = await gateway.call(method, address, asked);
        const said = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
        expect([method, address, said]).toEqual([method, address, []]);
      }
  });
});

describe('what is no request of ours', () => {
  it.each(['TRACE', 'TRACK', 'CONNECT'])('%s is not answered with what was sent (13.4.4)', async (method) => {
    const said = await rawAnswer(`${method} /api/v1/customers HTTP/1.1\r\nhost: x\r\nx-echo: canary\r\n\r\n`);
    expect(said).not.toMatch(/^HTTP\/1\.1 2/);
    expect(said).not.toContain('canary');
    expect(gateway.services.accounts.seen.filter((seen) => seen.method === method)).toEqual([]);
  });

  it('a request id of anybody’s is taken when it is sane, and replaced when it is not', async () => {
    const ask = async (id: string): Promise<unknown> =>
      (await gateway.call('GET', '/api/v1/me', { 'x-request-id': id })).headers['x-request-id'];
    expect(await ask('request-4711')).toBe('request-4711');
    for (const id of ['short', 'x'.repeat(101), 'with space 1234', 'semi;colon-12345'])
      expect(await ask(id)).toMatch(/^[0-9a-f-]{36}$/);
  });
});

/** Last: it keeps this process from everything else for a while. */
it('a gateway that is really too busy sends lists away before it asks anybody, and takes them again later', async () => {
  const list = () => gateway.call('GET', '/api/v1/customers', { authorization: key });
  let refused = await list();
  for (let second = 0; refused.status !== 503 && second < 30; second += 1) {
    for (let n = 0; n < 4; n += 1) {
      const until = performance.now() + 400;
      while (performance.now() < until);
      await new Promise((next) => setImmediate(next));
    }
    refused = await list();
  }
  expect(refused).toMatchObject({ status: 503, json: { type: expect.stringMatching(/too-busy$/) } });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(7);
  expect(refused.headers['content-security-policy']).toContain("default-src 'none'");
  // Not even who asks is looked at.
  expect((await gateway.call('GET', '/api/v1/customers', { authorization: 'none' })).status).toBe(503);
  await eventually(async () => (await list()).status === 200, { timeoutMs: 60_000 });
});

function rawAnswer(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      socket.end();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
