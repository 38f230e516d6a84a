import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal, signService } from '@backhaul/http';
import { account, authenticate, Browser, type TestAccount } from '../testing/browser.js';
import { TestRest, TOKEN_KEY } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let manager: TestAccount;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  manager = await account(rest, 'partner-senior-manager');
});
afterAll(() => rest.close());

const MINUTE = 60_000;
const loggedIn = async (who: TestAccount = manager): Promise<Browser> => {
  const browser = new Browser(rest);
  expect((await browser.logIn(who)).status).toBe(201);
  return browser;
};

describe('a session', () => {
  it('begins with the right password, in a cookie that no script and no other host can touch', async () => {
    const browser = new Browser(rest);
    const answer = await browser.logIn(manager);
    expect(answer.body).toEqual({
      accountNo: manager.accountNo,
      username: manager.username,
      role: 'partner-senior-manager',
      partnerName: 'Ours',
      hasSecondFactor: false,
      isSecondFactorRequired: false,
      factorOwed: null,
    });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-sid=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=28800$/,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await browser.call('GET', 'session')).body).toEqual(answer.body);
    const kept = await rest.unitOfWork.query('SELECT s::text FROM login_session s');
    expect(JSON.stringify(kept)).not.toContain(browser.cookie);
  });

  it('makes a principal of the account: role, brand, account, a fresh proof', async () => {
    const identity = await (await loggedIn()).identity();
    expect(identity).toEqual({
      partnerId: rest.ours,
      role: 'partner-senior-manager',
      scopes: ['read', 'write'],
      subject: `account:${manager.accountNo}`,
      brandId: null,
      accountNo: manager.accountNo,
      actor: null,
      ip: null,
      steppedUpAt: Math.floor(clock.now().getTime() / 1000),
    });
  });

  it('takes the name in whatever case', async () => {
    expect(
      (await new Browser(rest).logIn({ ...manager, username: manager.username.toUpperCase() })).status,
    ).toBe(201);
  });

  it('is a new one at each login: a cookie that somebody planted is worth nothing afterwards', async () => {
    const browser = await loggedIn();
    const planted = browser.cookie;
    await browser.logIn(manager);
    expect(browser.cookie).not.toBe(planted);
    browser.cookie = planted;
    expect((await browser.authenticate()).status).toBe(401);
  });

  it('gets a new secret when its person steps up', async () => {
    const browser = await loggedIn();
    await rest.unitOfWork.query("UPDATE login_session SET stepped_up_at = now() - interval '1 hour'");
    const before = browser.cookie;
    expect((await browser.call('POST', 'session/step-up', { password: manager.password })).status).toBe(204);
    expect(browser.cookie).not.toBe(before);
    expect((await browser.identity()).steppedUpAt).toBe(Math.floor(clock.now().getTime() / 1000));
    browser.cookie = before;
    expect((await browser.authenticate()).status).toBe(401);
  });

  it.each([
    [{ password: 'wrong' }, 403],
    [{}, 422],
    [{ code: '123456' }, 403],
    [{ password: 'x', code: '1' }, 422],
    [{ password: 1 }, 400],
  ])('does not step up with %j', async (body, status) => {
    const browser = await loggedIn();
    const before = browser.cookie;
    expect((await browser.call('POST', 'session/step-up', body)).status).toBe(status);
    expect(browser.cookie).toBe(before);
  });

  it('ends when asked to, for good', async () => {
    const browser = await loggedIn();
    const cookie = browser.cookie;
    expect((await browser.call('DELETE', 'session')).status).toBe(204);
    expect(browser.cookie).toBeNull();
    browser.cookie = cookie;
    expect((await browser.authenticate()).status).toBe(401);
  });

  it('of a manager ends after half an hour without a request, of others not', async () => {
    const clerk = await account(rest, 'partner-customer-service');
    const [idle, busy, other] = [await loggedIn(), await loggedIn(), await loggedIn(clerk)];
    clock.advance(20 * MINUTE);
    expect((await busy.authenticate()).status).toBe(200);
    clock.advance(11 * MINUTE);
    expect((await idle.authenticate()).status).toBe(401);
    expect((await busy.authenticate()).status).toBe(200);
    expect((await other.authenticate()).status).toBe(200);
  });

  it('ends after eight hours whatever happens', async () => {
    const browser = await loggedIn();
    for (let minutes = 0; minutes < 480; minutes += 20) {
      expect((await browser.authenticate()).status).toBe(200);
      clock.advance(20 * MINUTE);
    }
    expect((await browser.authenticate()).status).toBe(401);
  });

  it('ends with its account, and opens nothing while its partner is suspended', async () => {
    const doomed = await account(rest, 'partner-read-only');
    const browser = await loggedIn(doomed);
    const suspend = (is: boolean) =>
      rest.unitOfWork.query('UPDATE partner SET is_suspended = $2 WHERE partner_id = $1', [rest.ours, is]);
    await suspend(true);
    for (const answer of [await browser.authenticate(), await new Browser(rest).logIn(doomed)])
      expect([answer.status, answer.body['type']]).toEqual([403, '/docs/problems/partner-suspended']);
    const guess = { ...doomed, password: 'no lamp on the quiet stair' };
    expect((await new Browser(rest).logIn(guess)).status).toBe(401);
    await suspend(false);
    expect((await browser.authenticate()).status).toBe(200);
    await rest.call('DELETE', `accounts/${doomed.accountNo}`, { ifMatch: doomed.etag });
    expect((await browser.authenticate()).status).toBe(401);
  });
});

describe('the list of sessions', () => {
  it('shows where a person is logged in and ends one of them', async () => {
    const who = await account(rest, 'power-user');
    const [here, there] = [new Browser(rest, '192.0.2.1'), new Browser(rest, '198.51.100.9')];
    await here.logIn(who);
    clock.advance(MINUTE);
    await there.logIn(who);
    const { items } = (await here.call('GET', 'sessions')).body;
    expect(items).toMatchObject([
      { ip: '198.51.100.9', userAgent: 'a browser at 198.51.100.9', isCurrent: false },
      { ip: '192.0.2.1', isCurrent: true },
    ]);
    const path = `sessions/${String(items?.[0]?.['id'])}`;
    const stranger = await loggedIn();
    expect((await stranger.call('DELETE', path)).status).toBe(404);
    const stale = (ago: string) =>
      rest.unitOfWork.query(`UPDATE login_session SET stepped_up_at = now() - interval '${ago}'`);
    await stale('11 minutes');
    expect((await here.call('DELETE', path)).body['type']).toBe('/docs/problems/step-up-required');
    expect((await there.authenticate()).status).toBe(200);
    await stale('9 minutes');
    expect((await here.call('DELETE', path)).status).toBe(204);
    expect((await there.authenticate()).status).toBe(401);
    expect((await here.call('DELETE', path)).status).toBe(404);
    expect((await here.call('DELETE', 'sessions/x')).status).toBe(400);
  });

  it('is of people: an API key has no session', async () => {
    for (const path of ['session', 'sessions']) expect((await rest.call('GET', path)).status).toBe(401);
  });
});

describe('the way in for services', () => {
  const ask = (headers: Record<string, string>, payload: object) =>
    rest.http.fastify.inject({ method: 'POST', url: '/internal/authentications', headers, payload });
  const shown = { kind: 'session', secret: 'x', ip: '192.0.2.1' };

  it('opens to no principal, to no word about a client and to no other key', async () => {
    const principal = programIdentity({
      partnerId: rest.ours,
      role: 'platform-operator',
      scopes: [],
      subject: 's',
    });
    const wrong = [
      {},
      { [PRINCIPAL_HEADER]: signPrincipal(TOKEN_KEY, principal, 'accounts') },
      { 'x-backhaul-service': signPrincipal(TOKEN_KEY, principal, 'accounts') },
      { 'x-backhaul-service': signService(TOKEN_KEY, 'client', {}) },
      { 'x-backhaul-service': signService('another-key-of-sixteen', 'authentication') },
      { 'x-backhaul-service': `${signService(TOKEN_KEY, 'authentication')}x` },
    ];
    for (const headers of wrong) expect((await ask(headers, shown)).statusCode).toBe(401);
    const right = { 'x-backhaul-service': signService(TOKEN_KEY, 'authentication') };
    expect((await ask(right, { ...shown, surprise: 1 })).statusCode).toBe(400);
    expect((await ask(right, { ...shown, kind: 'x' })).statusCode).toBe(400);
  });

  it('stands in no OpenAPI document', async () => {
    const { payload } = await rest.http.fastify.inject({ method: 'GET', url: '/openapi.json' });
    expect(payload).toContain('/api/v1/session');
    expect(payload).not.toContain('internal');
  });

  it('refuses what is no session', async () => {
    for (const secret of ['x', '0'.repeat(64), 'x'.repeat(1024)])
      expect((await authenticate(rest, { ...shown, secret })).status).toBe(401);
  });

  it('logs nobody in who did not come through the gateway', async () => {
    const { username, password } = manager;
    const answer = await rest.http.fastify.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { username, password },
    });
    expect(answer.statusCode).toBe(401);
  });
});
