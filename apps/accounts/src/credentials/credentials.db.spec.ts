import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '@backhaul/http';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
let manager: TestAccount;
let managing: Browser;
beforeAll(async () => {
  rest = await TestRest.start();
  manager = await account(rest, 'partner-senior-manager');
  managing = await loggedIn(manager);
});
afterAll(() => rest.close());

async function loggedIn(who: TestAccount): Promise<Browser> {
  const browser = new Browser(rest);
  expect((await browser.logIn(who)).status).toBe(201);
  return browser;
}
const as = async (role: Role): Promise<Browser> => loggedIn(await account(rest, role));
const path = ({ accountNo }: TestAccount): string => `accounts/${accountNo}`;
const giveRole = async (by: Browser, who: TestAccount, role: unknown, etag?: string): Promise<Answer> => {
  const current = etag ?? (await rest.call('GET', path(who))).etag;
  return by.call('PUT', `${path(who)}/role`, { role }, { 'if-match': current });
};
const rulesOf = ({ body }: Answer): string[] => (body.errors ?? []).map(({ rule }) => rule).sort();
const NEW = 'seven green boats at anchor';

describe('A7: a new password', () => {
  it('is made here, shown once, different each time, and logs in; the old one does not', async () => {
    const who = await account(rest, 'power-user');
    const session = await loggedIn(who);
    const made = [0, 1].map(() => managing.call('POST', `${path(who)}/password`, { randomPassword: true }));
    const [first, second] = await Promise.all(made);
    expect([first?.status, second?.status]).toEqual([200, 200]);
    expect(first?.body['password']).not.toBe(second?.body['password']);
    const third = await managing.call('POST', `${path(who)}/password`, { randomPassword: true });
    expect((await session.authenticate()).status).toBe(401);
    expect((await new Browser(rest).logIn(who)).status).toBe(401);
    const password = String(third.body['password']);
    expect((await new Browser(rest).logIn({ ...who, password })).status).toBe(201);
  });

  it('is typed by its owner, who stays logged in here and nowhere else', async () => {
    const who = await account(rest, 'power-user');
    const [here, there] = [await loggedIn(who), await loggedIn(who)];
    const answer = await here.call('POST', `${path(who)}/password`, { password: NEW });
    expect([answer.status, answer.body]).toEqual([200, { password: null }]);
    expect((await here.authenticate()).status).toBe(200);
    expect((await there.authenticate()).status).toBe(401);
    expect((await loggedIn({ ...who, password: NEW })).cookie).not.toBeNull();
  });

  it.each([
    ['green lamps', ['minLength']],
    ['password', ['common', 'minLength']],
    ['passwordpassword', ['common']],
    ['123456789012345', ['common']],
    ['Password12345678!', ['common']],
    ['aaaaaaaaaaaaaaaaaaaa', ['common']],
    ['x'.repeat(257), ['common', 'maxLength']],
    ['my-Guessable.Name is here', ['context']],
  ])('%j is refused with every broken rule', async (password, rules) => {
    const known = (await rest.call('GET', 'accounts?q=guessable-name')).body.items?.[0];
    const accountNo =
      Number(known?.['accountNo'] ?? 0) ||
      (await account(rest, 'power-user', { username: 'guessable-name' })).accountNo;
    const answer = await managing.call('POST', `accounts/${accountNo}/password`, { password });
    expect([answer.status, rulesOf(answer)]).toEqual([422, rules]);
  });

  it('A8: is not that of another account of the partner', async () => {
    const [one, other] = [await account(rest, 'power-user'), await account(rest, 'power-user')];
    const answer = await managing.call('POST', `${path(one)}/password`, { password: other.password });
    expect([answer.status, rulesOf(answer)]).toEqual([422, ['unique']]);
  });

  it.each([
    [{}, 422],
    [{ password: NEW, randomPassword: true }, 422],
    [{ password: 1 }, 400],
    [{ x: 1 }, 400],
  ])('answers %j by %i', async (body, status) => {
    expect((await managing.call('POST', `${path(manager)}/password`, body)).status).toBe(status);
  });

  it('is set by helpers for those who have no more power, by others for themselves alone', async () => {
    const user = await account(rest, 'power-user');
    const set = async (role: Role, who: TestAccount): Promise<number> =>
      (await (await as(role)).call('POST', `${path(who)}/password`, { randomPassword: true })).status;
    expect(await set('partner-customer-service', user)).toBe(200);
    expect(await set('partner-customer-service', manager)).toBe(403);
    expect(await set('partner-senior-it-manager', manager)).toBe(403);
    expect(await set('partner-read-only', user)).toBe(403);
    expect(await set('power-user', user)).toBe(404);
    const theirs = await account(rest, 'power-user', { partnerId: rest.theirs });
    expect(await set('partner-senior-manager', theirs)).toBe(404);
  });
});

describe('A15: a role', () => {
  it('is given by a senior manager, and by a senior IT manager but for that one', async () => {
    const who = await account(rest, 'power-user');
    const answer = await giveRole(managing, who, 'partner-api');
    expect([answer.status, answer.body['role']]).toEqual([200, 'partner-api']);
    const it = await as('partner-senior-it-manager');
    expect((await giveRole(it, who, 'partner-read-only')).status).toBe(200);
    expect((await giveRole(it, who, 'partner-senior-manager')).status).toBe(403);
    expect((await giveRole(it, manager, 'power-user')).status).toBe(403);
    for (const role of ['partner-senior-customer-service', 'partner-read-only', 'power-user'] as const)
      expect((await giveRole(await as(role), who, 'partner-api')).status).toBe(403);
  });

  it('ends what the account had open', async () => {
    const who = await account(rest, 'partner-customer-service');
    const session = await loggedIn(who);
    expect((await giveRole(managing, who, 'power-user')).status).toBe(200);
    expect((await session.authenticate()).status).toBe(401);
  });

  it('is not one’s own to change', async () => {
    expect((await giveRole(managing, manager, 'power-user')).status).toBe(422);
  });

  it.each([
    ['platform-operator', 400],
    ['king', 400],
    [undefined, 400],
    [7, 400],
  ])('%j is none', async (role, status) => {
    expect((await giveRole(managing, await account(rest, 'power-user'), role)).status).toBe(status);
  });

  it('wants the ETag that was read, and an account of the partner', async () => {
    const who = await account(rest, 'power-user');
    expect((await giveRole(managing, who, 'partner-api', '"old"')).status).toBe(412);
    expect((await managing.call('PUT', `${path(who)}/role`, { role: 'partner-api' })).status).toBe(428);
    const theirs = await account(rest, 'power-user', { partnerId: rest.theirs });
    expect((await giveRole(managing, theirs, 'partner-api', '"x"')).status).toBe(404);
  });
});

describe('step-up', () => {
  it('is asked for after ten minutes, of people; a program has nothing to prove', async () => {
    const who = await account(rest, 'power-user');
    const session = await loggedIn(manager);
    const wanted = async (): Promise<unknown[]> => {
      const { status, body } = await session.call('POST', `${path(who)}/password`, { randomPassword: true });
      return [status, body['type']];
    };
    await rest.unitOfWork.query("UPDATE login_session SET stepped_up_at = now() - interval '11 minutes'");
    expect(await wanted()).toEqual([403, '/docs/problems/step-up-required']);
    const key = { body: { name: 'key' } };
    expect((await session.call('POST', 'api-keys', key.body)).body['type']).toBe(
      '/docs/problems/step-up-required',
    );
    expect((await rest.call('POST', 'api-keys', key)).status).toBe(201);
    expect((await session.call('POST', 'session/step-up', { password: manager.password })).status).toBe(204);
    expect((await wanted())[0]).toBe(200);
    managing = await loggedIn(manager);
  });
});

describe('A14: the role of an API account', () => {
  it('proposes to switch its notifications off, says where, and tells the other services', async () => {
    const who = await account(rest, 'power-user');
    const given = await giveRole(managing, who, 'partner-api');
    const notificationOptions = `/api/v1/accounts/${who.accountNo}/notification-options`;
    expect(given.body).toMatchObject({
      role: 'partner-api',
      notificationOptions,
      proposal: 'switch-all-off',
    });
    const published = await rest.published('accounts.accounts.v1', String(who.accountNo));
    expect(published.map((one) => one?.['role'])).toEqual(['power-user', 'partner-api']);
    expect((await giveRole(managing, who, 'power-user')).body).toMatchObject({ proposal: null });
  });
});
