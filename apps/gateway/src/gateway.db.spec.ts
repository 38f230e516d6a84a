import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { newApiKey, programIdentity, signPrincipal, verifyPrincipal } from '@backhaul/http';
import { eventually } from '@backhaul/testing';
import type { PartnerId } from '@backhaul/domain';
import { type Answer, PARTNER, RunningGateway, SERVICE_TOKEN_KEY } from './testing/running-gateway.js';

// The machine of a test run may be busy with anything.
jest.setTimeout(60_000);
let gateway: RunningGateway;
let key: { text: string; keyId: string };

beforeAll(async () => {
  gateway = await RunningGateway.start();
  key = await gateway.issueKey();
  await eventually(async () => expect((await call('GET', '/api/v1/brands')).status).toBe(200));
});

afterAll(() => gateway?.stop());

beforeEach(() => {
  for (const service of Object.values(gateway.services)) {
    service.seen.length = 0;
    service.answer = () => ({ from: service.name });
  }
});

const call = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> => gateway.call(method, path, { authorization: `Bearer ${key.text}`, ...headers }, body);

describe('API keys', () => {
  test.each([
    ['nothing', undefined],
    ['a broken Basic', 'Basic dXNlcg=='],
    ['a scheme that nobody knows', 'Digest x'],
    ['something else', 'Bearer something-else'],
    ['a key nobody issued', `Bearer ${newApiKey().text}`],
  ])('%s is a 401 with a challenge', async (_, authorization) => {
    const answer = await gateway.call('GET', '/api/v1/brands', authorization ? { authorization } : {});
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(gateway.services.accounts.seen).toEqual([]);
  });

  test('a right key id with another secret is a 401', async () => {
    const other = newApiKey();
    await gateway.issueKey({ keyId: other.keyId });
    expect((await call('GET', '/api/v1/brands', { authorization: `Bearer ${other.text}` })).status).toBe(401);
  });

  test('the scope “read” is enough for a search, though it is posted, and for nothing that changes something', async () => {
    const { text } = await gateway.issueKey({ scopes: ['read'] });
    const ask = async (path: string): Promise<number> =>
      (await gateway.call('POST', path, { authorization: `Bearer ${text}` }, '{}')).status;
    await eventually(async () => expect(await ask('/api/v1/events/search')).toBe(200));
    expect(await ask('/api/v1/endpoints')).toBe(403);
    expect(await ask('/api/v1/events/0190f3a1-0000-7000-8000-000000000001/reprocess')).toBe(403);
  });

  test('an expired key is a 401', async () => {
    const expired = await gateway.issueKey({ expiresAt: '2020-01-01T00:00:00.000Z' });
    const marker = await gateway.issueKey();
    await eventually(async () =>
      expect((await call('GET', '/api/v1/brands', { authorization: `Bearer ${marker.text}` })).status).toBe(
        200,
      ),
    );
    expect((await call('GET', '/api/v1/brands', { authorization: `Bearer ${expired.text}` })).status).toBe(
      401,
    );
  });

  test('a revoked key stops working within 2 s', async () => {
    const doomed = await gateway.issueKey();
    const status = async (): Promise<number> =>
      (await call('GET', '/api/v1/brands', { authorization: `Bearer ${doomed.text}` })).status;
    await eventually(async () => expect(await status()).toBe(200));
    await gateway.revokeKey(doomed.keyId);
    await eventually(async () => expect(await status()).toBe(401), { timeoutMs: 2000 });
  });
});

describe('forwarding', () => {
  test.each([
    ['GET', '/api/v1/customers/34826', 'accounts'],
    ['PUT', '/api/v1/psa/connectwise/connection', 'accounts'],
    ['GET', '/api/v1/events?accountNo=1&limit=5', 'ingestion'],
    ['POST', '/api/v1/unassigned-results/0190f3a1-0000-7000-8000-000000000001/assign', 'ingestion'],
    ['GET', '/api/v1/event-types', 'notifications'],
    ['POST', '/api/v1/notification-rules', 'notifications'],
  ] as const)('%s %s goes to %s, path and query as they came', async (method, path, service) => {
    expect((await call(method, path)).json).toEqual({ from: service });
    expect(gateway.services[service].seen).toMatchObject([{ method, url: path }]);
  });

  test('the service gets a principal that only it accepts, and the request id', async () => {
    const answer = await call('GET', '/api/v1/customers');
    const headers = gateway.services.accounts.seen[0]?.headers ?? {};
    const token = String(headers['x-backhaul-principal']);
    expect(verifyPrincipal(SERVICE_TOKEN_KEY, token, 'accounts')).toMatchObject({
      partnerId: PARTNER,
      role: 'partner-senior-manager',
      scopes: ['read', 'write'],
      subject: `key:${key.keyId}`,
    });
    expect(() => verifyPrincipal(SERVICE_TOKEN_KEY, token, 'ingestion')).toThrow();
    expect(headers['x-request-id']).toBe(answer.headers['x-request-id']);
  });

  test('a forged principal and smuggled headers are dropped, credentials stay here', async () => {
    const forged = signPrincipal(
      'another-key-another-key-another!',
      programIdentity({
        partnerId: 'other' as PartnerId,
        role: 'platform-operator',
        scopes: [],
        subject: 'evil',
      }),
      'accounts',
    );
    await call('GET', '/api/v1/customers', {
      'X-Backhaul-Principal': forged,
      x_backhaul_principal: forged,
      'x-backhaul-partner': 'other',
      'x-forwarded-for': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      cookie: 'sid=1',
      connection: 'keep-alive, x-secret-hop',
      'x-secret-hop': '1',
      'if-match': '"abc"',
    });
    const headers = gateway.services.accounts.seen[0]?.headers ?? {};
    const principal = verifyPrincipal(SERVICE_TOKEN_KEY, String(headers['x-backhaul-principal']), 'accounts');
    expect(principal.partnerId).toBe(PARTNER);
    expect(headers['if-match']).toBe('"abc"');
    for (const name of [
      'x_backhaul_principal',
      'x-backhaul-partner',
      'x-forwarded-for',
      'forwarded',
      'cookie',
      'authorization',
      'x-secret-hop',
    ]) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  test('status, headers and body of an answer come back; headers of ours and of the hop do not', async () => {
    gateway.services.accounts.answer = (_request, reply) =>
      reply
        .status(412)
        .headers({
          etag: '"now"',
          location: '/api/v1/customers/1',
          'x-backhaul-inside': '1',
          'content-type': 'application/problem+json',
        })
        .send('{"status":412}');
    const answer = await call(
      'PATCH',
      '/api/v1/customers/1',
      { 'content-type': 'application/json' },
      '{"name":"x"}',
    );
    expect([answer.status, answer.headers['etag'], answer.json['status']]).toEqual([412, '"now"', 412]);
    expect(answer.headers).not.toHaveProperty('x-backhaul-inside');
    expect(gateway.services.accounts.seen[0]?.body).toBe('{"name":"x"}');
  });

  test('a body of almost 1 MB arrives whole, a larger one is a 413 that no service hears of', async () => {
    const big = JSON.stringify({ name: 'x'.repeat(1024 * 1024 - 20) });
    const type = { 'content-type': 'application/json' };
    expect((await call('POST', '/api/v1/customers', type, big)).status).toBe(200);
    expect(gateway.services.accounts.seen[0]?.body).toHaveLength(big.length);
    expect((await call('POST', '/api/v1/customers', type, `${big}${' '.repeat(100)}`)).status).toBe(413);
    expect(gateway.services.accounts.seen).toHaveLength(1);
  });

  test('an answer of 20 MB streams through', async () => {
    gateway.services.ingestion.answer = (_request, reply) =>
      reply.type('text/csv').send('x'.repeat(20 * 1024 * 1024));
    expect((await call('GET', '/api/v1/events')).text).toHaveLength(20 * 1024 * 1024);
  });

  test.each([
    ['GET', '/api/v1/nothing', 404],
    ['GET', '/api/v1/customers/1/secret', 404],
    ['GET', '/api/v1/../openapi.json', 404],
    ['GET', '/api/v1/customers/%2e%2e%2fopenapi.json', 404],
    ['GET', '/api/v1/customers/..', 404],
    ['GET', '/api/v1//customers', 404],
    ['GET', '/api/v1/customers\\..', 404],
    ['GET', '/openapi.json/../api/v1/x', 404],
    ['PUT', '/api/v1/customers', 405],
  ])('%s %s is a %i and reaches no service', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
    expect(Object.values(gateway.services).flatMap(({ seen }) => seen)).toEqual([]);
  });
});

describe('a service in trouble', () => {
  test('down is a 503 with Retry-After, and back up it answers again', async () => {
    await gateway.services.notifications.down();
    const answer = await call('GET', '/api/v1/event-types');
    expect([answer.status, answer.json['type']]).toEqual([503, '/docs/problems/unavailable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await gateway.services.notifications.up();
    expect((await call('GET', '/api/v1/event-types')).status).toBe(200);
  });

  test('a crowd that waits to log in stands in nobody’s way', async () => {
    // Long enough that no login is given up before the look is answered, however busy the machine is.
    const patient = await RunningGateway.start({ UPSTREAM_TIMEOUT_MS: 30_000 });
    try {
      const { text } = await patient.issueKey();
      const look = () => patient.call('GET', '/api/v1/brands', { authorization: `Bearer ${text}` });
      await eventually(async () => expect((await look()).status).toBe(200));
      const { accounts } = patient.services;
      let letIn: () => void = () => undefined;
      const door = new Promise<object>((open) => (letIn = () => open({ ok: true })));
      accounts.answer = ({ url }) => (url.endsWith('/session') ? door : { ok: true });
      accounts.seen.length = 0;
      const type = { 'content-type': 'application/json' };
      const logins = Array.from({ length: 100 }, () => patient.call('POST', '/api/v1/session', type, '{}'));
      await eventually(() => accounts.seen.length >= 64);
      const first = await Promise.race([
        look().then(({ status }) => `a look ${status}`),
        ...logins.map((login) => login.then(() => 'a login')),
      ]);
      expect(first).toBe('a look 200');
      letIn();
      await Promise.all(logins);
    } finally {
      await patient.stop();
    }
  });

  test('a hang is a 504', async () => {
    gateway.services.accounts.answer = () => new Promise(() => undefined);
    const answer = await call('GET', '/api/v1/brands');
    expect(answer.status).toBe(504);
    expect(answer.headers['retry-after']).toBeDefined();
  });

  test('a connection reset before the answer is a 502 for a POST, which is not sent twice', async () => {
    gateway.services.accounts.answer = (request) => request.raw.socket.destroy();
    expect(
      (await call('POST', '/api/v1/customers', { 'content-type': 'application/json' }, '{}')).status,
    ).toBe(502);
    expect(gateway.services.accounts.seen).toHaveLength(1);
  });

  test('a GET that meets one reset is asked again', async () => {
    let resets = 1;
    gateway.services.accounts.answer = (request) =>
      resets-- > 0 ? request.raw.socket.destroy() : { ok: true };
    expect((await call('GET', '/api/v1/brands')).json).toEqual({ ok: true });
  });

  test('an answer that breaks off half way breaks off for the client too, never looks whole', async () => {
    gateway.services.accounts.answer = (_request, reply) => {
      reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      reply.raw.write('{"items":[');
      setImmediate(() => reply.raw.destroy());
      return reply.hijack();
    };
    await expect(call('GET', '/api/v1/brands')).rejects.toThrow(/aborted|hang up|reset/i);
  });
});

describe('incidents and lanes of both ticketing services', () => {
  const incident = (id: string, openedAt: string): object => ({ id, openedAt });
  const serve = (name: 'ticketing-connectwise' | 'ticketing-autotask', items: object[]): void => {
    gateway.services[name].answer = (request) => {
      const query = request.query as { limit?: string; cursor?: string };
      const from = Number(query.cursor ?? 0);
      const to = from + Number(query.limit);
      return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null };
    };
  };
  const many = (prefix: string, count: number, step: number): object[] =>
    Array.from({ length: count }, (_, i) =>
      incident(`${prefix}${i}`, new Date(1.8e12 - i * step * 1000).toISOString()),
    );

  test('are one list, newest first, whole and without repeats over all pages', async () => {
    serve('ticketing-connectwise', many('c', 23, 3));
    serve('ticketing-autotask', many('a', 11, 7));
    const all: { id: string; openedAt: string }[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await call(
        'GET',
        `/api/v1/incidents?limit=4${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      const items = json['items'] as typeof all;
      expect(items.length).toBeLessThanOrEqual(4);
      all.push(...items);
      cursor = json['nextCursor'] as string | null;
    } while (cursor !== null);
    expect(new Set(all.map(({ id }) => id)).size).toBe(34);
    expect(all).toHaveLength(34);
    expect(all.map(({ openedAt }) => openedAt)).toEqual(
      all
        .map(({ openedAt }) => openedAt)
        .sort()
        .reverse(),
    );
  });

  test('with one service down the other answers, and the list says what is missing', async () => {
    serve('ticketing-autotask', many('a', 2, 1));
    await gateway.services['ticketing-connectwise'].down();
    const { status, json } = await call('GET', '/api/v1/lanes');
    expect([status, (json['items'] as object[]).length]).toEqual([200, 2]);
    expect(json['warnings']).toEqual(['ticketing-connectwise cannot be reached: its share is missing']);
    await gateway.services['ticketing-connectwise'].up();
  });

  test('a tampered cursor and a wrong limit are a 400', async () => {
    expect((await call('GET', '/api/v1/incidents?cursor=abc')).status).toBe(400);
    expect((await call('GET', '/api/v1/incidents?limit=500')).status).toBe(400);
  });

  test('what one of them refuses is refused', async () => {
    gateway.services['ticketing-autotask'].answer = (_request, reply) =>
      reply.status(400).send({ status: 400, title: 'Invalid request', detail: 'no such state' });
    const answer = await call('GET', '/api/v1/incidents?state=odd');
    expect([answer.status, answer.json['detail']]).toEqual([400, 'no such state']);
  });

  test('one incident is found in whichever service has it', async () => {
    gateway.services['ticketing-connectwise'].answer = (_request, reply) =>
      reply.status(404).send({ status: 404 });
    expect((await call('GET', '/api/v1/incidents/x1')).json).toEqual({ from: 'ticketing-autotask' });
    expect((await call('POST', '/api/v1/incidents/x1/retry')).json).toEqual({ from: 'ticketing-autotask' });
  });

  test('what is asked of a PSA goes to the service that serves it', async () => {
    for (const psa of ['connectwise', 'autotask'])
      for (const [method, what] of [
        ['POST', 'lookups/companies'],
        ['GET', 'diagnostics'],
        ['POST', 'customer-map/suggest'],
      ] as const)
        expect((await call(method, `/api/v1/psa/${psa}/${what}`)).json).toEqual({ from: `ticketing-${psa}` });
    expect((await call('GET', '/api/v1/psa/autotask/settings')).json).toEqual({ from: 'accounts' });
  });

  test('an incident that neither has is a 404; with one of them down it is a 503', async () => {
    for (const name of ['ticketing-connectwise', 'ticketing-autotask'] as const) {
      gateway.services[name].answer = (_request, reply) => reply.status(404).send({ status: 404 });
    }
    expect((await call('GET', '/api/v1/incidents/x1')).status).toBe(404);
    await gateway.services['ticketing-autotask'].down();
    expect((await call('GET', '/api/v1/incidents/x1')).status).toBe(503);
    await gateway.services['ticketing-autotask'].up();
  });
});

describe('pages and documents', () => {
  test('/ and /docs are HTML with a strict policy, and name no other host', async () => {
    for (const path of ['/', '/docs']) {
      const { status, headers, text } = await call('GET', path);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(text).not.toMatch(/https?:\/\//);
    }
  });

  test.each(['/docs', '/api/openapi.json'])('A23: %s is a 401 to who is not logged in', async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${newApiKey().text}` }]) {
      const answer = await gateway.call('GET', path, headers);
      expect([answer.status, answer.headers['content-type']]).toEqual([
        401,
        'application/problem+json; charset=utf-8',
      ]);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="backhaul", charset="UTF-8"');
      expect(answer.text).not.toContain('swagger');
    }
    expect((await call('GET', path)).status).toBe(200);
  });

  test('every file the docs page names is served from here', async () => {
    const { text } = await call('GET', '/docs');
    const files = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png))"/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) expect([file, (await gateway.call('GET', file)).status]).toEqual([file, 200]);
    expect((await gateway.call('GET', '/docs/static/index.html')).status).toBe(404);
  });
});
