import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT_HEADER, type Identity, newApiKey, verifyPrincipal, verifyService } from '@backhaul/http';
import { apiKeyUses, CompactedTable } from '@backhaul/messaging';
import { eventually, FixedClock } from '@backhaul/testing';
import { type Answer, PARTNER, RunningGateway, SERVICE_TOKEN_KEY } from '../testing/running-gateway.js';

// The machine of a test run may be busy with anything.
jest.setTimeout(60_000);
const SECRET = 's'.repeat(43);
const HASH = createHash('sha256').update(SECRET).digest('hex');
const COOKIE = { cookie: `other=1; __Host-sid=${SECRET}` };
const JSON_TYPE = { 'content-type': 'application/json' };
const PERSON = {
  partnerId: PARTNER, role: 'partner-senior-manager', scopes: ['read', 'write'], subject: 'account:7', brandId: null,
  accountNo: 7, actor: null, steppedUpAt: 1,
} as unknown as Identity; // prettier-ignore

const clock = new FixedClock();
let gateway: RunningGateway;
/** What accounts says about a credential. */
let verdict: { status: number; body: object; headers?: Record<string, string> };

beforeAll(async () => {
  gateway = await RunningGateway.start({ TRUSTED_PROXIES: '127.0.0.0/8' }, clock);
});
afterAll(() => gateway?.stop());
beforeEach(() => {
  verdict = { status: 200, body: PERSON };
  const { accounts } = gateway.services;
  accounts.seen.length = 0;
  accounts.answer = ({ url }, reply) =>
    url.startsWith('/internal/')
      ? reply
          .status(verdict.status)
          .headers(verdict.headers ?? {})
          .send(verdict.body)
      : reply.header('set-cookie', '__Host-sid=new; Path=/').send({ from: 'accounts' });
});

const call = (
  method: string,
  headers: Record<string, string>,
  body?: string,
  path = '/customers',
): Promise<Answer> => gateway.call(method, `/api/v1${path}`, headers, body);
const asked = (): unknown[] =>
  gateway.services.accounts.seen
    .filter(({ url }) => url === '/internal/authentications')
    .map(({ body }) => JSON.parse(body) as unknown);
const forwarded = () => gateway.services.accounts.seen.find(({ url }) => !url.startsWith('/internal/'));
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('credentials', () => {
  test.each([
    ['a session', COOKIE, { kind: 'session', secret: HASH, ip: '127.0.0.1' }],
    ['a token', { authorization: 'Bearer bkt_x' }, { kind: 'token', secret: 'bkt_x', ip: '127.0.0.1' }],
    ['Basic', basic('jo:a:b'), { kind: 'basic', username: 'jo', secret: 'a:b', ip: '127.0.0.1' }],
  ])('%s is shown to accounts and becomes a principal', async (_, headers, shown) => {
    const answer = await call('GET', headers);
    expect(answer.status).toBe(200);
    expect(asked()).toEqual([shown]);
    const seen = forwarded()?.headers ?? {};
    const token = String(seen['x-backhaul-principal']);
    expect(verifyPrincipal(SERVICE_TOKEN_KEY, token, 'accounts')).toMatchObject({
      ...PERSON,
      ip: '127.0.0.1',
    });
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(seen).not.toHaveProperty('cookie');
    expect(seen).not.toHaveProperty('authorization');
    expect(answer.headers['set-cookie']).toEqual(['__Host-sid=new; Path=/']);
  });

  test('only a session that proved the request is named to accounts', async () => {
    const named = async (headers: Record<string, string>): Promise<unknown> => {
      gateway.services.accounts.seen.length = 0;
      await call('GET', headers);
      return verifyService(SERVICE_TOKEN_KEY, 'client', forwarded()?.headers[CLIENT_HEADER]);
    };
    expect(await named({ ...COOKIE, 'user-agent': 'x' })).toMatchObject({
      sessionHash: HASH,
      userAgent: 'x',
    });
    expect(await named({ ...COOKIE, ...basic('a:b') })).toMatchObject({ sessionHash: null });
  });

  test.each([
    ['nothing', {}],
    ['two session cookies', { cookie: `__Host-sid=${SECRET}; __Host-sid=${'t'.repeat(43)}` }],
    ['half a cookie', { cookie: `__Host-sid=${SECRET.slice(1)}` }],
    ['an empty user', basic(':x')],
  ])('%s is a 401 that accounts never hears of', async (_, headers) => {
    expect((await call('GET', headers)).status).toBe(401);
    expect(gateway.services.accounts.seen).toEqual([]);
  });

  test.each([
    [401, { detail: 'no' }, {}, 401],
    [403, { detail: 'Only Partner API' }, {}, 403],
    [429, { detail: 'wait' }, { 'retry-after': '100' }, 429],
    [400, {}, {}, 401],
    [503, { type: '/docs/problems/too-busy', detail: 'busy' }, { 'retry-after': '3' }, 503],
    [500, {}, {}, 503],
  ])('a %i of accounts is passed on', async (status, body, headers, expected) => {
    verdict = { status, body, headers };
    const answer = await call('GET', basic(`who-${status}:x`));
    expect(answer.status).toBe(expected);
    expect(forwarded()).toBeUndefined();
    if ('retry-after' in headers) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('the address is the nearest hop that is no proxy of ours', async () => {
    const addressFor = async (said: string): Promise<unknown> => {
      gateway.services.accounts.seen.length = 0;
      await call('GET', { ...COOKIE, 'x-forwarded-for': said });
      return (asked()[0] as { ip: string }).ip;
    };
    expect(await addressFor('198.51.100.1, 203.0.113.9')).toBe('203.0.113.9');
    expect(await addressFor('203.0.113.9, 127.0.0.9')).toBe('203.0.113.9');
    expect(await addressFor('nonsense')).toBe('127.0.0.1');
  });
});

describe('revocation', () => {
  test('is at once while accounts answers', async () => {
    expect((await call('GET', COOKIE)).status).toBe(200);
    verdict = { status: 401, body: {} };
    expect((await call('GET', COOKIE)).status).toBe(401);
    verdict = { status: 500, body: {} };
    expect((await call('GET', COOKIE)).status).toBe(503);
  });

  test('takes 60 s while accounts is away: the last good answer is believed for so long, and no other', async () => {
    await call('GET', COOKIE);
    await gateway.services.accounts.down();
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await call('GET', headers, undefined, '/event-types')).status;
    clock.advance(59_000);
    expect(await status(COOKIE)).toBe(200);
    expect(await status({ cookie: `__Host-sid=${'u'.repeat(43)}` })).toBe(503);
    clock.advance(1_000);
    expect(await status(COOKIE)).toBe(503);
    await gateway.services.accounts.up();
    expect(await status(COOKIE)).toBe(200);
  });
});

describe('a suspended partner', () => {
  const suspended = [403, '/docs/problems/partner-suspended'];
  const looks = async (headers: Record<string, string>): Promise<unknown[]> => {
    const { status, json } = await call('GET', headers, undefined, '/event-types');
    return [status, ...(status === 403 ? [json['type']] : [])];
  };
  const within2s = { timeoutMs: 2000, intervalMs: 20 };

  test('is refused within two seconds by key and session, also what is believed while accounts is away', async () => {
    const partnerId = '0190f3a1-0000-7000-8000-00000000cccc';
    verdict = { status: 200, body: { ...PERSON, partnerId } };
    const { text } = await gateway.issueKey({ partnerId });
    const key = { authorization: `Bearer ${text}` };
    await eventually(async () => expect(await looks(key)).toEqual([200]));
    expect(await looks(COOKIE)).toEqual([200]);
    await gateway.services.accounts.down();
    await gateway.tellPartner(partnerId, true);
    for (const way of [key, COOKIE])
      await eventually(async () => expect(await looks(way)).toEqual(suspended), within2s);
    await gateway.tellPartner(partnerId, false);
    for (const way of [key, COOKIE])
      await eventually(async () => expect(await looks(way)).toEqual([200]), within2s);
    await gateway.services.accounts.up();
  });

  test('is told so in the word of accounts, which may know it first', async () => {
    verdict = { status: 403, body: { type: suspended[1], detail: 'x' } };
    expect(await looks(COOKIE)).toEqual(suspended);
    expect(forwarded()).toBeUndefined();
  });
});

describe('another site', () => {
  const body = '{"name":"x"}';
  test.each([
    ['POST', { 'sec-fetch-site': 'same-origin' }, 200],
    ['POST', { 'sec-fetch-site': 'none' }, 200],
    ['POST', { 'sec-fetch-site': 'same-site' }, 403],
    ['POST', { 'sec-fetch-site': 'cross-site' }, 403],
    ['POST', { 'sec-fetch-site': 'cross-site', origin: 'http://portal.example' }, 403],
    ['POST', { origin: 'http://portal.example' }, 200],
    ['POST', { origin: 'http://evil.example' }, 403],
    ['POST', { origin: 'null' }, 403],
    ['POST', {}, 200],
    ['DELETE', { 'sec-fetch-site': 'cross-site' }, 403],
    ['PATCH', { origin: 'http://portal.example:81' }, 403],
    ['GET', { 'sec-fetch-site': 'cross-site' }, 200],
  ])('%s with %j is a %i', async (method, headers, status) => {
    const path = method === 'POST' || method === 'GET' ? '/customers' : '/customers/1';
    const all = { ...COOKIE, host: 'portal.example', ...JSON_TYPE, ...headers };
    expect(
      (await call(method, all, ['GET', 'DELETE'].includes(method) ? undefined : body, path)).status,
    ).toBe(status);
    if (status === 403) expect(gateway.services.accounts.seen).toEqual([]);
  });

  test('a form is no JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect((await call('POST', { ...COOKIE, 'content-type': type }, body)).status).toBe(415);
  });

  test('means nothing to a program, whose credential no browser adds by itself', async () => {
    const program = { ...basic('a:b'), 'sec-fetch-site': 'cross-site', ...JSON_TYPE };
    expect((await call('POST', program, body)).status).toBe(200);
  });

  test('logs nobody in', async () => {
    const headers = { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' };
    expect((await call('POST', headers, body, '/session')).status).toBe(403);
  });
});

describe('public routes', () => {
  test('need no credential, name the session that a login replaces, and pass Basic on to the tokens', async () => {
    const answer = await call('POST', { ...COOKIE, ...JSON_TYPE }, '{}', '/session');
    expect(answer.headers['set-cookie']).toEqual(['__Host-sid=new; Path=/']);
    expect(asked()).toEqual([]);
    const headers = forwarded()?.headers ?? {};
    expect(headers).not.toHaveProperty('x-backhaul-principal');
    expect(verifyService(SERVICE_TOKEN_KEY, 'client', headers[CLIENT_HEADER])).toMatchObject({
      sessionHash: HASH,
    });
    gateway.services.accounts.seen.length = 0;
    await call('POST', basic('a:b'), undefined, '/tokens');
    expect(forwarded()?.headers).toMatchObject(basic('a:b'));
    expect((await call('GET', {}, undefined, '/session')).status).toBe(401);
  });
});

describe('the scopes of an API key', () => {
  test.each([
    [['read'], 200, 403],
    [['write'], 403, 200],
    [['events:write'], 403, 403],
  ])('%j: reading %i, writing %i', async (scopes, reading, writing) => {
    const { text } = await gateway.issueKey({ scopes });
    const headers = { authorization: `Bearer ${text}`, ...JSON_TYPE };
    await eventually(async () => expect((await call('GET', headers)).status).toBe(reading));
    expect((await call('POST', headers, '{}')).status).toBe(writing);
  });
});

describe('an API key', () => {
  const use = async (text: string, from: string): Promise<Answer> =>
    call('GET', { authorization: `Bearer ${text}`, 'x-forwarded-for': from });
  const known = async (text: string, from: string): Promise<void> =>
    eventually(async () => expect((await use(text, from)).status).toBe(200));

  test('bound to networks is refused from elsewhere, without a word about which they are', async () => {
    const { text } = await gateway.issueKey({ allowedCidrs: ['198.51.100.0/24', '2001:db8::/32'] });
    await known(text, '198.51.100.9');
    for (const from of ['::ffff:198.51.100.7', '2001:db8:1::1'])
      expect([from, (await use(text, from)).status]).toEqual([from, 200]);
    const said = '198.51.100.9, 203.0.113.1';
    for (const from of ['203.0.113.1', '2001:db9::1', '127.0.0.1', said]) {
      const { status, json } = await use(text, from);
      expect([from, status, json['type']]).toEqual([from, 403, '/docs/problems/address-not-allowed']);
      expect(JSON.stringify(json)).not.toMatch(/198\.51|2001:db8/);
    }
  });

  test('with another secret learns nothing of the networks of the right one', async () => {
    const right = await gateway.issueKey({ allowedCidrs: ['198.51.100.0/24'] });
    await known(right.text, '198.51.100.9');
    const wrong = newApiKey();
    await gateway.issueKey({ keyId: wrong.keyId, allowedCidrs: ['198.51.100.0/24'] });
    expect((await use(wrong.text, '203.0.113.1')).status).toBe(401);
  });

  test('works through the overlap of its replacement, and not a moment longer', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString();
    const { text } = await gateway.issueKey({ expiresAt });
    await known(text, '192.0.2.1');
    await eventually(async () => expect((await use(text, '192.0.2.1')).status).toBe(401));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  test('that was used a hundred times is told of once, without a request to accounts', async () => {
    const { text, keyId } = await gateway.issueKey();
    await known(text, '192.0.2.5');
    gateway.services.accounts.seen.length = 0;
    await Promise.all(Array.from({ length: 100 }, () => use(text, '192.0.2.5')));
    expect(asked()).toEqual([]);
    const uses = new CompactedTable({
      kafka: gateway.kafka.kafka,
      topic: apiKeyUses,
      prefix: gateway.kafka.prefix,
    });
    try {
      await uses.start();
      await eventually(async () =>
        expect(uses.get(keyId)).toMatchObject({ partnerId: PARTNER, ip: '192.0.2.5' }),
      );
    } finally {
      await uses.close();
    }
  });

  test('revoked while accounts is away is refused within two seconds: it comes by Kafka', async () => {
    const { text, keyId } = await gateway.issueKey();
    await known(text, '192.0.2.5');
    await gateway.services.accounts.down();
    const status = async (): Promise<number> =>
      (await call('GET', { authorization: `Bearer ${text}` }, undefined, '/event-types')).status;
    expect(await status()).toBe(200);
    await gateway.revokeKey(keyId);
    await eventually(async () => expect(await status()).toBe(401), { timeoutMs: 2000 });
    await gateway.services.accounts.up();
  });
});
