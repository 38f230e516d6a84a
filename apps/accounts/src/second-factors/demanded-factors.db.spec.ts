import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '@backhaul/http';
import { FixedClock } from '@backhaul/testing';
import { Authenticator } from '../passkeys/testing/authenticator.js';
import { account, authenticate, Browser, type TestAccount } from '../testing/browser.js';
import { addPasskey, brandBelow, codeOf, confirm, demandIn, enrol, logInBy, owedBy, personOf, sessionOf, statusesOf, stepUpBy, withTotp } from '../testing/factors.js'; // prettier-ignore
import { type Answer, PUBLIC_URL, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let root: string;
/** Demands a second factor. */
let strict: string;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  root = String((await rest.call('GET', 'brands')).body['id']);
});
afterAll(() => rest.close());
beforeEach(async () => {
  // Failures and codes of the test before are forgotten by then.
  clock.advance(2 * 3_600_000);
  strict = await brand();
  await demand(strict, true);
});

const brand = (parentId = root): Promise<string> => brandBelow(rest, parentId);
const demand = (id: string, word: boolean | null): Promise<void> => demandIn(rest, id, word);
const personIn = (brandId: string, role: Role = 'power-user'): Promise<TestAccount> =>
  personOf(rest, brandId, role);
const loggedIn = (who: TestAccount): Promise<Browser> => sessionOf(rest, who);
const newKey = (): Authenticator => new Authenticator(PUBLIC_URL);
const currentOf = async (browser: Browser): Promise<unknown> =>
  (await browser.call('GET', 'sessions')).body.items?.find(({ isCurrent }) => isCurrent)?.['id'];

describe('where a second factor is demanded', () => {
  it('the password begins a session that owes one; an authenticator, once confirmed, makes it whole', async () => {
    const who = await personIn(strict);
    const browser = new Browser(rest);
    const demanded = { hasSecondFactor: false, isSecondFactorRequired: true, factorOwed: 'add' };
    expect(await browser.logIn(who)).toMatchObject({ status: 201, body: demanded });
    expect((await browser.call('GET', 'session')).body).toMatchObject(demanded);
    const [before, id] = [browser.cookie, await currentOf(browser)];
    const secret = await enrol(browser);
    expect((await confirm(browser, 'x'.repeat(6))).status).toBe(422);
    expect([await owedBy(browser), browser.cookie]).toEqual(['add', before]);
    const confirmed = await confirm(browser, codeOf(secret, clock));
    expect([confirmed.status, confirmed.body['recoveryCodes']]).toEqual([200, expect.any(Array)]);
    expect([await owedBy(browser), await currentOf(browser)]).toEqual([null, id]);
    expect((await browser.call('GET', 'session')).body).toMatchObject({
      hasSecondFactor: true,
      factorOwed: null,
    });
    const planted = new Browser(rest);
    planted.cookie = before;
    expect([browser.cookie === before, (await planted.authenticate()).status]).toEqual([false, 401]);
    clock.advance(30_000);
    expect((await new Browser(rest).logIn(who)).status).toBe(401);
    expect(await owedBy(await sessionOf(rest, who, codeOf(secret, clock)))).toBeNull();
  });

  it('so does a passkey; after that the password alone owes its proof, and is not one itself', async () => {
    const who = await personIn(strict);
    const [browser, key] = [await loggedIn(who), newKey()];
    const before = browser.cookie;
    expect(await owedBy(browser)).toBe('add');
    expect((await addPasskey(browser, key)).status).toBe(201);
    expect([await owedBy(browser), browser.cookie === before]).toEqual([null, false]);
    const other = new Browser(rest);
    expect((await other.logIn(who)).body).toMatchObject({ factorOwed: 'prove' });
    expect((await other.call('POST', 'session/step-up', { password: who.password })).status).toBe(204);
    expect(await owedBy(other)).toBe('prove');
    expect((await stepUpBy(key, other)).status).toBe(204);
    expect(await owedBy(other)).toBeNull();
    const third = new Browser(rest);
    expect((await logInBy(key, third)).body).toMatchObject({ factorOwed: null });
    expect(await owedBy(third)).toBeNull();
  });

  it('it is so at once in sessions that stand, and no longer once it is not demanded', async () => {
    const part = await brand();
    const people = await Promise.all([1, 2, 3, 4].map(() => personIn(part)));
    const [none, totp, byPassword, gone] = await Promise.all(people.map((who) => loggedIn(who)));
    if (!none || !totp || !byPassword || !gone) throw new Error('Nobody logged in');
    await withTotp(totp, clock);
    const owner = people[2] as TestAccount;
    expect((await addPasskey(byPassword, newKey())).status).toBe(201);
    const late = await loggedIn(owner);
    // It has shown a factor, which is there no more.
    await withTotp(gone, clock);
    expect((await gone.call('DELETE', 'me/mfa')).status).toBe(204);
    const owed = (): Promise<unknown[]> => Promise.all([none, totp, byPassword, late, gone].map(owedBy));
    expect(await owed()).toEqual([null, null, null, null, null]);
    await demand(part, true);
    expect(await owed()).toEqual(['add', null, null, 'prove', 'add']);
    await demand(part, null);
    expect(await owed()).toEqual([null, null, null, null, null]);
  });

  it('it is so for everybody below, and beside it for nobody; a brand that is moved takes its people along', async () => {
    const [top, beside] = [await brand(), await brand()];
    const mid = await brand(top);
    const low = await brand(mid);
    const roles: Role[] = ['power-user', 'partner-senior-manager', 'partner-read-only', 'power-user', 'partner-customer-service']; // prettier-ignore
    const places = [root, top, mid, low, beside];
    const there: Browser[] = [];
    for (const [index, place] of places.entries())
      there.push(await loggedIn(await personIn(place, roles[index])));
    const owed = (): Promise<unknown[]> => Promise.all(there.map(owedBy));
    await demand(mid, true);
    expect(await owed()).toEqual([null, null, 'add', 'add', null]);
    await demand(mid, null);
    await demand(top, true);
    expect(await owed()).toEqual([null, 'add', 'add', 'add', null]);
    const body = { kind: 'move', brandId: mid, parentId: beside };
    const { id } = (await rest.call('POST', 'brand-change-requests', { body })).body;
    await rest.call('POST', `brand-change-requests/${String(id)}/execute`, { role: 'platform-operator' });
    expect(await owed()).toEqual([null, 'add', null, null, null]);
    await demand(beside, true);
    expect(await owed()).toEqual([null, 'add', 'add', 'add', 'add']);
    const stranger = await account(rest, 'power-user', { partnerId: rest.theirs });
    await demand(root, true);
    expect(await owed()).toEqual(['add', 'add', 'add', 'add', 'add']);
    expect(await owedBy(await loggedIn(stranger))).toBeNull();
    await demand(root, false);
  });

  it('the last factor stays, whichever it is, until none is demanded', async () => {
    const browser = await loggedIn(await personIn(strict));
    await withTotp(browser, clock);
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(409);
    const [first, second] = [await addPasskey(browser, newKey()), await addPasskey(browser, newKey())];
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(204);
    const remove = async ({ body }: Answer): Promise<number> =>
      (await browser.call('DELETE', `me/passkeys/${String(body['id'])}`)).status;
    expect([await remove(first), await remove(second)]).toEqual([204, 409]);
    expect(await owedBy(browser)).toBeNull();
    await demand(strict, null);
    expect(await remove(second)).toBe(204);
    await demand(strict, true);
    expect(await owedBy(browser)).toBe('add');
  });

  it('of two factors that go at once one stays', async () => {
    const browser = await loggedIn(await personIn(strict));
    await withTotp(browser, clock);
    const passkey = await addPasskey(browser, newKey());
    const paths = ['me/mfa', `me/passkeys/${String(passkey.body['id'])}`];
    const both = await Promise.all(paths.map((path) => browser.call('DELETE', path)));
    expect(statusesOf(both)).toEqual([204, 409]);
    expect(await owedBy(browser)).toBeNull();
  });

  it('a body that claims otherwise is refused', async () => {
    const { username, password } = await personIn(strict);
    const browser = new Browser(rest);
    for (const more of [{ hasShownFactor: true }, { factorOwed: null }, { isSecondFactorRequired: false }])
      expect((await browser.call('POST', 'session', { username, password, ...more })).status).toBe(400);
  });
});

describe('a demand is of people', () => {
  it('programs are not asked: Basic, tokens, nor a session of the role Partner API', async () => {
    const { username, password } = await personIn(strict, 'partner-api');
    const browser = await loggedIn({ username, password } as TestAccount);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const { body } = await browser.call('POST', 'tokens', undefined, { authorization });
    const ip = '192.0.2.1';
    const ways = [
      await authenticate(rest, { kind: 'basic', username, secret: password, ip }),
      await authenticate(rest, { kind: 'token', secret: String(body['token']), ip }),
      await browser.authenticate(),
    ];
    for (const way of ways) {
      expect(way.status).toBe(200);
      expect(way.body).not.toHaveProperty('factorOwed');
    }
  });

  it('who acts as somebody owes their brand a factor of their own', async () => {
    const [manager, user] = [await personIn(root, 'partner-senior-manager'), await personIn(strict)];
    const browser = await loggedIn(manager);
    const start = (): Promise<Answer> =>
      browser.call('POST', 'impersonation', { accountNo: user.accountNo, reason: 'help' });
    const refused = await start();
    expect([refused.status, refused.body['type']]).toEqual([403, '/docs/problems/second-factor-missing']);
    await withTotp(browser, clock);
    expect((await start()).status).toBe(201);
    expect([(await browser.identity()).accountNo, await owedBy(browser)]).toEqual([user.accountNo, null]);
  });

  it('who acts as somebody is back at once when their brand, or the own, begins to demand one', async () => {
    const [own, others] = [await brand(), await brand()];
    const acting = async (place: string, target: TestAccount): Promise<[TestAccount, Browser]> => {
      const manager = await personIn(place, 'partner-senior-manager');
      const browser = await loggedIn(manager);
      const answer = await browser.call('POST', 'impersonation', {
        accountNo: target.accountNo,
        reason: 'x',
      });
      expect(answer.status).toBe(201);
      return [manager, browser];
    };
    const [free, freeBrowser] = await acting(root, await personIn(others));
    const [bound, boundBrowser] = await acting(own, await personIn(own));
    await demand(others, true);
    expect([(await freeBrowser.identity()).accountNo, await owedBy(freeBrowser)]).toEqual([free.accountNo, null]); // prettier-ignore
    await demand(own, true);
    expect([(await boundBrowser.identity()).accountNo, await owedBy(boundBrowser)]).toEqual([bound.accountNo, 'add']); // prettier-ignore
  });
});
