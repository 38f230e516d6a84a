import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '@backhaul/http';
import { FixedClock } from '@backhaul/testing';
import { generateSync } from 'otplib';
import { Authenticator } from '../passkeys/testing/authenticator.js';
import { account, authenticate, Browser, type TestAccount } from '../testing/browser.js';
import { PUBLIC_URL, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let managing: Browser;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  managing = await loggedIn(await account(rest, 'partner-senior-manager'));
});
afterAll(() => rest.close());

async function loggedIn(who: TestAccount): Promise<Browser> {
  const browser = new Browser(rest);
  expect((await browser.logIn(who)).status).toBe(201);
  return browser;
}
const sessionsOf = ({ accountNo }: TestAccount): string => `accounts/${accountNo}/sessions`;
const factorsOf = ({ accountNo }: TestAccount): string => `accounts/${accountNo}/mfa`;
const auditOf = async (action: string, { accountNo }: TestAccount) =>
  (await rest.call('GET', `audit?action=${action}&target=account:${accountNo}`)).body.items;

async function protect(who: TestAccount, browser: Browser): Promise<void> {
  const secret = String((await browser.call('POST', 'me/mfa')).body['secret']);
  const code = generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) });
  expect((await browser.call('POST', 'me/mfa/confirm', { code })).status).toBe(200);
  const options = (await browser.call('POST', 'me/passkeys/options')).body['publicKey'] as {
    challenge: string;
  };
  const credential = new Authenticator(PUBLIC_URL).create(options);
  expect((await browser.call('POST', 'me/passkeys', { name: who.username, credential })).status).toBe(201);
}

describe('a manager ends the sessions of an account', () => {
  it('everywhere, its tokens as well, and that is recorded', async () => {
    const who = await account(rest, 'partner-api');
    const [one, other] = [await loggedIn(who), await loggedIn(who)];
    const { username, password } = who;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const token = String((await one.call('POST', 'tokens', undefined, { authorization })).body['token']);
    const tokenStatus = async (): Promise<number> =>
      (await authenticate(rest, { kind: 'token', secret: token, ip: '192.0.2.1' })).status;
    expect(await tokenStatus()).toBe(200);
    expect((await managing.call('DELETE', sessionsOf(who))).status).toBe(204);
    for (const browser of [one, other]) expect((await browser.authenticate()).status).toBe(401);
    expect(await tokenStatus()).toBe(401);
    expect(await auditOf('account.sessions.end', who)).toHaveLength(1);
    expect((await managing.authenticate()).status).toBe(200);
    expect((await new Browser(rest).logIn(who)).status).toBe(201);
  });

  it('everybody their own, but for the one that asks', async () => {
    const who = await account(rest, 'power-user');
    const [here, there] = [await loggedIn(who), await loggedIn(who)];
    expect((await here.call('DELETE', sessionsOf(who))).status).toBe(204);
    expect([(await here.authenticate()).status, (await there.authenticate()).status]).toEqual([200, 401]);
  });

  it.each<[Role, Role, number]>([
    ['partner-customer-service', 'power-user', 204],
    ['partner-customer-service', 'partner-senior-manager', 403],
    ['partner-senior-it-manager', 'partner-senior-manager', 403],
    ['partner-read-only', 'power-user', 403],
    ['partner-api', 'power-user', 403],
  ])('as a %s of a %s: %i', async (role, its, status) => {
    const [by, who] = [await loggedIn(await account(rest, role)), await account(rest, its)];
    await loggedIn(who);
    expect((await by.call('DELETE', sessionsOf(who))).status).toBe(status);
    if (status === 403) expect((await by.call('DELETE', factorsOf(who))).status).toBe(403);
  });

  it('not of another partner, nor with an old proof, nor as somebody else', async () => {
    const theirs = await account(rest, 'power-user', { partnerId: rest.theirs });
    const ours = await account(rest, 'power-user');
    const manager = await loggedIn(await account(rest, 'partner-senior-manager'));
    for (const pathOf of [sessionsOf, factorsOf])
      expect((await manager.call('DELETE', pathOf(theirs))).status).toBe(404);
    const acting = await account(rest, 'partner-customer-service');
    await manager.call('POST', 'impersonation', { accountNo: acting.accountNo, reason: 'help' });
    for (const pathOf of [sessionsOf, factorsOf])
      expect((await manager.call('DELETE', pathOf(ours))).body['type']).toBe('/docs/problems/impersonating');
    await manager.call('DELETE', 'impersonation');
    await rest.unitOfWork.query("UPDATE login_session SET stepped_up_at = now() - interval '11 minutes'");
    for (const pathOf of [sessionsOf, factorsOf])
      expect((await manager.call('DELETE', pathOf(ours))).body['type']).toBe(
        '/docs/problems/step-up-required',
      );
    managing = await loggedIn(await account(rest, 'partner-senior-manager'));
  });
});

describe('a manager takes lost factors away', () => {
  it('authenticator, recovery codes and passkeys; sessions end, the password alone logs in, and it is recorded', async () => {
    const who = await account(rest, 'power-user');
    const browser = await loggedIn(who);
    await protect(who, browser);
    expect((await new Browser(rest).logIn(who)).status).toBe(401);
    expect((await managing.call('DELETE', factorsOf(who))).status).toBe(204);
    expect((await browser.authenticate()).status).toBe(401);
    const again = await loggedIn(who);
    expect((await again.call('GET', 'me/mfa')).body).toEqual({ totp: false, recoveryCodesLeft: 0 });
    expect((await again.call('GET', 'me/passkeys')).body.items).toEqual([]);
    expect(await auditOf('account.factors.take', who)).toMatchObject([
      { detail: { authenticator: true, passkeys: 1 } },
    ]);
    expect((await managing.call('DELETE', factorsOf(who))).status).toBe(404);
  });

  it('after a long password was set where a short one stood beside the factor; a new password keeps the factor', async () => {
    const who = await account(rest, 'power-user');
    const browser = await loggedIn(who);
    await protect(who, browser);
    const short = await browser.call('POST', `accounts/${who.accountNo}/password`, {
      password: 'Zq7#pLm2wX',
    });
    expect(short.status).toBe(200);
    expect((await managing.call('DELETE', factorsOf(who))).status).toBe(409);
    const { body } = await managing.call('POST', `accounts/${who.accountNo}/password`, {
      randomPassword: true,
    });
    const login = { ...who, password: String(body['password']) };
    expect((await new Browser(rest).logIn(login)).body['type']).toBe('/docs/problems/second-factor-required');
    expect((await managing.call('DELETE', factorsOf(who))).status).toBe(204);
    expect((await new Browser(rest).logIn(login)).status).toBe(201);
  });

  it('never the own ones', async () => {
    const who = await account(rest, 'partner-senior-manager');
    const browser = await loggedIn(who);
    await protect(who, browser);
    expect((await browser.call('DELETE', factorsOf(who))).status).toBe(422);
  });
});
