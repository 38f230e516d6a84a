import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { newApiKey, verifyPrincipal } from '@backhaul/http';
import { eventually, FixedClock } from '@backhaul/testing';
import { type Answer, PARTNER, RunningGateway, SERVICE_TOKEN_KEY } from '../testing/running-gateway.js';

// The machine of a test run may be busy with anything.
jest.setTimeout(60_000);
const BRAND = '0190f3a1-0000-7000-8000-00000000cccc';
const OFFICE = { role: 'partner-api', scopes: ['api_methods'], brandId: BRAND };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const clock = new FixedClock();
let gateway: RunningGateway;
let auth: string;
let keyId: string;
/** What notifications says of a web request. */
let verdict: { status: number; body: object };

beforeAll(async () => {
  const budgets = { RATE_LIMIT_BURST: 40, REFUSALS_BURST: 40, REFUSALS_PER_SECOND: 1 };
  gateway = await RunningGateway.start({ TRUSTED_PROXIES: '127.0.0.0/8', ...budgets }, clock);
  ({ text: auth, keyId } = await issued());
});
afterAll(() => gateway?.stop());
beforeEach(() => {
  clock.advance(120_000);
  verdict = { status: 202, body: { runs: 1 } };
  const { accounts, notifications } = gateway.services;
  accounts.seen.length = notifications.seen.length = 0;
  accounts.answer = ({ url }) => ({
    items: url.includes('username=jo%40acme%26x%3D1')
      ? [{ accountNo: 80202028, username: 'Jo@acme&x=1' }]
      : [],
    nextCursor: null,
  });
  notifications.answer = (_request, reply) => reply.status(verdict.status).send(verdict.body);
});

async function issued(overrides: object = {}): Promise<{ text: string; keyId: string }> {
  const made = await gateway.issueKey({ ...OFFICE, ...overrides });
  // From elsewhere: until the gateway has heard of it, each try spends a network's budget.
  const known = async (): Promise<void> => {
    clock.advance(10_000);
    expect((await send({ action: 'ping', auth: made.text }, '', '203.0.113.99')).status).toBe(200);
  };
  await eventually(known);
  return made;
}
const raw = (method: string, body?: string | Buffer, headers: Record<string, string> = FORM, query = ''): Promise<Answer> =>
  gateway.call(method, `/API/external${query}`, headers, body); // prettier-ignore
const send = (form: Record<string, string>, query = '', from = '203.0.113.1'): Promise<Answer> =>
  raw('POST', new URLSearchParams(form).toString(), { ...FORM, 'x-forwarded-for': from }, query);
const act = (action: string, form: Record<string, string> = {}, query = ''): Promise<Answer> =>
  send({ action, auth, ...form }, query);
const told = (): unknown[] =>
  gateway.services.notifications.seen.map(({ method, url, body }) => [
    method,
    url,
    JSON.parse(body) as unknown,
  ]);

describe('the wire', () => {
  test('C11, C12, C17: a ping with a good token is 200, in two keys', async () => {
    const answer = await act('ping');
    expect(answer).toMatchObject({ status: 200, json: { status: 200, message: expect.any(String) } });
    expect(Object.keys(answer.json)).toEqual(['status', 'message']);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await raw('POST', `action=ping&auth=${auth}`, { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' })).status).toBe(200); // prettier-ignore
  });

  test.each(['?xml', '?xml=', '?xml=1', '?other=1&xml'])('C13: %s makes it XML', async (query) => {
    const answer = await act('ping', {}, query);
    expect(answer.headers['content-type']).toBe('application/xml; charset=utf-8');
    expect(answer.text).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<response><status>200<\/status><message>[^<]+<\/message><\/response>\n$/,
    );
  });

  test('C13: what a service says is escaped in XML, and holds nothing that XML cannot', async () => {
    verdict = { status: 409, body: { type: '/docs/problems/conflict', detail: `<a b="c">&'\u0000\u000b\ufffe\ud800🎉]]>` } }; // prettier-ignore
    const answer = await act('event', { api: 'x' }, '?xml');
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('<status>409</status><message>&lt;a b=&quot;c&quot;&gt;&amp;&apos;🎉]]&gt;</message>'); // prettier-ignore
    expect((await act('event', { api: 'x' })).json['message']).toContain('<a b="c">');
  });

  type Row = [what: string, status: number, call: () => Promise<Answer>];
  const rows: Row[] = [
    ['GET', 405, () => raw('GET', undefined, {})],
    ['PUT', 405, () => raw('PUT', 'action=ping')],
    ['OPTIONS', 405, () => raw('OPTIONS', undefined, {})],
    ['JSON', 415, () => raw('POST', '{}', { 'content-type': 'application/json' })],
    ['a multipart form', 415, () => raw('POST', 'x', { 'content-type': 'multipart/form-data; boundary=x' })],
    ['no type', 415, () => raw('POST', 'action=ping', {})],
    ['gzip', 415, () => raw('POST', 'action=ping', { ...FORM, 'content-encoding': 'gzip' })],
    ['an empty body', 400, () => raw('POST', '')],
    ['no UTF-8', 400, () => raw('POST', Buffer.from([0x61, 0x3d, 0xff]))],
    ['a repeated parameter', 400, () => raw('POST', `action=ping&auth=${auth}&action=ping`)],
    ['a repeated parameter that nobody knows', 400, () => raw('POST', `action=ping&auth=${auth}&x=1&x=2`)],
    ['parameters without end', 400, () => raw('POST', `action=ping&auth=${auth}${Array.from({ length: 300 }, (_, n) => `&p${n}=`).join('')}`)],
    ['more than a body may have', 413, () => raw('POST', `auth=${'x'.repeat(2 << 20)}`)],
    ['no action', 400, () => send({ auth })],
    ['an unknown action', 400, () => act('Ping')],
    ['a name that every object has', 400, () => act('constructor')],
    ['no token', 401, () => send({ action: 'ping' })],
    ['a token elsewhere than in the body', 401, () => raw('POST', 'action=ping', { ...FORM, authorization: `Bearer ${auth}` }, `?auth=${auth}`)],
    ['a wrong token', 401, () => send({ action: 'ping', auth: newApiKey().text })],
    ['a token that is none', 401, () => send({ action: 'ping', auth: 'x'.repeat(500) })],
  ]; // prettier-ignore

  test.each(rows)('C14, C15: %s: %i, in their words', async (_what, status, call) => {
    const answer = await call();
    expect([answer.status, answer.json]).toEqual([status, { status, message: expect.stringMatching(/^[A-Z].+\.$/) }]);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.text).not.toContain(auth.slice(-38));
  }); // prettier-ignore

  test('refusals are XML too, and the address is this one alone', async () => {
    expect((await raw('GET', undefined, {}, '?xml')).text).toContain('<status>405</status>');
    expect((await raw('GET', undefined, {})).headers['allow']).toBe('POST');
    expect((await send({ action: 'ping' }, '?xml')).text).toContain('<status>401</status>');
    for (const path of ['/api/external', '/API/external/x', '/API/External'])
      expect((await gateway.call('POST', path)).status).toBe(404);
  });
});

describe('access tokens', () => {
  test('C1: a revoked one is refused', async () => {
    const made = await issued();
    await gateway.revokeKey(made.keyId);
    await eventually(async () => {
      clock.advance(10_000);
      expect((await send({ action: 'ping', auth: made.text })).status).toBe(401);
    });
  });

  test('C1: neither an API key opens methods, nor a token the API', async () => {
    const key = await gateway.issueKey();
    const bearer = { authorization: `Bearer ${key.text}` };
    await eventually(async () => expect((await gateway.call('GET', '/api/v1/brands', bearer)).status).toBe(200)); // prettier-ignore
    expect((await send({ action: 'ping', auth: key.text })).status).toBe(401);
    for (const method of ['GET', 'POST']) {
      const headers = { authorization: `Bearer ${auth}`, 'content-type': 'application/json' };
      expect((await gateway.call(method, '/api/v1/brands', headers)).status).toBe(403);
    }
  });

  test('C2: services hear of the office whose it is, and of nothing that the client says of itself', async () => {
    const headers = { ...FORM, 'x-forwarded-for': '203.0.113.7', 'x-backhaul-principal': 'v1.x.y', cookie: '__Host-sid=x', 'idempotency-key': 'once-1' }; // prettier-ignore
    const answer = await raw('POST', `action=event&api=nightly&auth=${auth}`, headers);
    expect(answer.status).toBe(200);
    const [seen] = gateway.services.notifications.seen;
    const token = String(seen?.headers['x-backhaul-principal']);
    expect(verifyPrincipal(SERVICE_TOKEN_KEY, token, 'notifications')).toMatchObject({
      partnerId: PARTNER,
      role: 'partner-api',
      brandId: BRAND,
      scopes: ['api_methods'],
      subject: `key:${keyId}`,
      ip: '203.0.113.7',
    });
    expect(JSON.stringify(seen)).not.toContain(auth.slice(-38, -6));
    expect(seen?.headers).not.toHaveProperty('cookie');
    expect(seen?.headers).toMatchObject({ 'idempotency-key': 'once-1' });
  });

  test('a suspended partner is refused, networks that are not allowed as well', async () => {
    const bound = await gateway.issueKey({ ...OFFICE, allowedCidrs: ['192.0.2.0/24'] });
    await eventually(async () => {
      clock.advance(10_000);
      expect((await send({ action: 'ping', auth: bound.text })).status).toBe(403);
    });
    expect((await send({ action: 'ping', auth: bound.text }, '', '192.0.2.9')).status).toBe(200);
    await gateway.tellPartner(PARTNER, true);
    await eventually(async () => expect((await act('ping')).status).toBe(403));
    await gateway.tellPartner(PARTNER, false);
    await eventually(async () => expect((await act('ping')).status).toBe(200));
  });

  test('one has a budget like any credential, and who guesses pays for it', async () => {
    const { text } = await issued();
    clock.advance(60_000);
    const spent = await Promise.all(Array.from({ length: 41 }, () => send({ action: 'ping', auth: text })));
    expect(spent.map(({ status }) => status).sort().slice(-2)).toEqual([200, 429]);
    expect(spent.find(({ status }) => status === 429)?.json).toMatchObject({ status: 429 });
    const guess = (): Promise<Answer> => send({ action: 'ping', auth: newApiKey().text }, '', '203.0.113.50');
    const guesses = await Promise.all(Array.from({ length: 41 }, guess));
    expect(guesses.map(({ status }) => status).sort().slice(-2)).toEqual([401, 429]);
    expect((await act('ping')).status).toBe(200);
  }); // prettier-ignore
});

describe('events', () => {
  test('C16, C18, C22: event runs the handlers of its name; what it does not know is ignored', async () => {
    verdict.body = { runs: 2 };
    const rest = { loginname: 'nobody', backupset: 'x', backupjob: 'y', API: 'other', extra: '1' };
    expect((await act('event', { api: 'nightly & "co" ä', ...rest })).json).toEqual({
      status: 200,
      message: '2 event handlers were started.',
    });
    expect(told()).toEqual([['POST', '/event-handlers/web-requests', { api: 'nightly & "co" ä' }]]);
    expect(gateway.services.accounts.seen).toEqual([]);
  });

  test('C19: event-username names the account, which the token must see', async () => {
    expect((await act('event-username', { api: 'nightly', loginname: 'jo@acme&x=1' })).status).toBe(200);
    expect(told()).toEqual([
      ['POST', '/event-handlers/web-requests', { api: 'nightly', accountNo: 80202028 }],
    ]);
    const [asked] = gateway.services.accounts.seen;
    const principal = verifyPrincipal(SERVICE_TOKEN_KEY, String(asked?.headers['x-backhaul-principal']), 'accounts'); // prettier-ignore
    expect(principal).toMatchObject({ brandId: BRAND, role: 'partner-api' });
    expect((await act('event-username', { api: 'nightly', loginname: 'jo' })).json).toMatchObject({
      status: 404,
      message: expect.stringContaining('login name'),
    });
    expect(told()).toHaveLength(1);
  });

  test.each<[action: string, form: Record<string, string>, named: string]>([
    ['event', {}, 'api'],
    ['event', { api: ' ' }, 'api'],
    ['event-username', { api: 'x' }, 'loginname'],
    ['event-username', { loginname: 'x' }, 'api'],
    ['event-username', {}, 'api is required; loginname'],
  ])('%s with %j: 400 that names what is missing', async (action, form, named) => {
    const answer = await act(action, form);
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining(`: ${named} is required.`) } }); // prettier-ignore
    expect(told()).toEqual([]);
  });

  test.each<[given: typeof verdict, status: number, message: string]>([
    [{ status: 404, body: { title: 'Not found', detail: 'There is nothing at this address.' } }, 404, 'No event handler listens to this call name.'],
    [{ status: 409, body: { type: '/docs/problems/conflict', detail: 'It is disabled.' } }, 409, 'It is disabled.'],
    [{ status: 500, body: { detail: 'secret inside' } }, 503, 'The notifications service cannot answer right now.'],
  ])('%j of notifications', async (given, status, message) => {
    verdict = given;
    expect((await act('event', { api: 'x' })).json).toEqual({ status, message });
  }); // prettier-ignore

  test('a service that is away is 503, one that is late 504', async () => {
    gateway.services.notifications.answer = () => new Promise(() => undefined);
    expect((await act('event', { api: 'x' })).json).toMatchObject({ status: 504 });
    await gateway.services.notifications.down();
    const away = await act('event', { api: 'x' });
    await gateway.services.notifications.up();
    expect(away).toMatchObject({ status: 503, json: { status: 503 } });
    expect(Number(away.headers['retry-after'])).toBeGreaterThan(0);
  });
});
