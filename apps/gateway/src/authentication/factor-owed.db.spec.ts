import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { FactorOwed } from '@backhaul/http';
import { eventually } from '@backhaul/testing';
import { ROUTES, UPSTREAMS } from '../routes/route-table.js';
import { Listener } from '../testing/listener.js';
import { type Answer, PARTNER, RunningGateway } from '../testing/running-gateway.js';

// The machine of a test run may be busy with anything.
jest.setTimeout(60_000);
const COOKIE = { cookie: `__Host-sid=${'s'.repeat(43)}` };
const MISSING = '/docs/problems/second-factor-missing';
const ID = '0190f3a1-0000-7000-8000-000000000001';
const PERSON = {
  partnerId: PARTNER, role: 'partner-senior-manager', scopes: ['read', 'write'], subject: 'account:7', brandId: null,
  accountNo: 7, actor: null, steppedUpAt: 1,
}; // prettier-ignore

/** Written apart from the table: what a session reaches that owes a second factor. */
const SEEING_ONESELF = ['GET /session', 'DELETE /session', 'POST /session/step-up', 'GET /me', 'GET /me/mfa', 'GET /me/passkeys']; // prettier-ignore
const ADDING = ['POST /me/mfa', 'POST /me/mfa/confirm', 'POST /me/passkeys', 'POST /me/passkeys/options'];

let gateway: RunningGateway;
let owed: FactorOwed | undefined;
beforeAll(async () => {
  gateway = await RunningGateway.start();
});
afterAll(() => gateway?.stop());
beforeEach(() => {
  owed = 'add';
  gateway.services.accounts.answer = ({ url }) =>
    url.startsWith('/internal/') ? { ...PERSON, ...(owed && { factorOwed: owed }) } : { from: 'accounts' };
});

/** What asks for no credential is no session's. */
const ALL = ROUTES.filter(({ isPublic }) => !isPublic).flatMap(({ methods, path }) =>
  methods.map((method) => `${method} ${path}`),
);
function ask(route: string): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const there = path
    .replace(':provider', 'autotask')
    .replace(/:(no|custId)/, '80202028')
    .replace(/:\w+/g, ID);
  const isChange = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const headers = { ...COOKIE, ...(isChange && { 'content-type': 'application/json' }) };
  return gateway.call(method, `/api/v1${there}`, headers, isChange ? '{}' : undefined);
}
const forwarded = (): string[] =>
  UPSTREAMS.flatMap((name) => gateway.services[name].seen)
    .filter(({ url }) => !url.startsWith('/internal/'))
    .map(({ method, url }) => `${method} ${url}`);
/** The routes that are not refused for want of a factor. */
async function reached(): Promise<string[]> {
  const through: string[] = [];
  for (const name of UPSTREAMS) gateway.services[name].seen.length = 0;
  for (const route of ALL) {
    // It would stay open; it has a test of its own.
    if (route === 'GET /stream') continue;
    const { status, json } = await ask(route);
    if (status !== 403 || json['type'] !== MISSING) through.push(route);
  }
  return through.sort();
}

describe('a session that owes a second factor', () => {
  test('reaches itself and what adds one, while its person has none; nothing else is forwarded', async () => {
    const open = [...SEEING_ONESELF, ...ADDING].sort();
    expect(await reached()).toEqual(open);
    expect(forwarded().sort()).toEqual(open.map((route) => route.replace(' ', ' /api/v1')).sort());
  });

  test('adds none where there is one to prove', async () => {
    owed = 'prove';
    expect(await reached()).toEqual([...SEEING_ONESELF].sort());
    expect(forwarded()).toHaveLength(SEEING_ONESELF.length);
  });

  test('reaches everything once nothing is owed', async () => {
    owed = undefined;
    expect(await reached()).toEqual(ALL.filter((route) => route !== 'GET /stream').sort());
  });

  test('finds no other spelling, address or method, nor the documents', async () => {
    const tries = [
      'GET /customers?x=/me', 'HEAD /customers', 'GET /nowhere', 'GET /me/', 'GET /me/../customers', 'GET /%6de', 'GET //me',
      'PUT /me/mfa', 'DELETE /me/mfa', `DELETE /me/passkeys/${ID}`, 'GET /session/customers', 'GET /me%2fmfa',
    ]; // prettier-ignore
    for (const each of tries) {
      const { status, headers } = await ask(each);
      expect([each, status, headers['content-type']]).toEqual([each, 403, 'application/problem+json; charset=utf-8']); // prettier-ignore
    }
    for (const path of ['/docs', '/api/openapi.json'])
      expect((await gateway.call('GET', path, COOKIE)).json['type']).toBe(MISSING);
    expect((await ask('HEAD /me')).status).toBe(200);
  });

  test('is told what to do, on a page as well', async () => {
    const { json } = await ask('GET /customers');
    expect(json).toMatchObject({ status: 403, type: MISSING, title: 'Second factor missing' });
    expect(json['detail']).toContain('/api/v1/me/mfa');
    owed = 'prove';
    expect((await ask('GET /customers')).json['detail']).toContain('/api/v1/session/step-up');
    expect((await gateway.call('GET', MISSING)).text).toContain('factorOwed');
  });

  test('owes it still while accounts is away', async () => {
    expect((await ask('GET /event-types')).status).toBe(403);
    await gateway.services.accounts.down();
    expect((await ask('GET /event-types')).json['type']).toBe(MISSING);
    await gateway.services.accounts.up();
  });

  test('opens no stream, and loses the one it had', async () => {
    expect((await gateway.call('GET', '/api/v1/stream', COOKIE)).json['type']).toBe(MISSING);
    owed = undefined;
    const listener = await Listener.open(gateway.port, COOKIE);
    expect(listener.status).toBe(200);
    owed = 'add';
    await eventually(() => expect(listener.isEnded).toBe(true), { timeoutMs: 5000 });
    listener.close();
  });

  test('is a person’s: a key proves nothing and owes nothing', async () => {
    const { text } = await gateway.issueKey();
    const read = () => gateway.call('GET', '/api/v1/customers', { authorization: `Bearer ${text}` });
    await eventually(async () => expect((await read()).status).toBe(200));
  });
});
