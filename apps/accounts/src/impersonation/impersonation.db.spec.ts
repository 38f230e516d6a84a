import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '@backhaul/http';
import { FixedClock } from '@backhaul/testing';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let manager: TestAccount;
let user: TestAccount;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  manager = await account(rest, 'partner-senior-manager');
  user = await account(rest, 'power-user');
});
afterAll(() => rest.close());

const as = async (who: TestAccount): Promise<Browser> => {
  const browser = new Browser(rest);
  expect((await browser.logIn(who)).status).toBe(201);
  return browser;
};
const start = (
  browser: Browser,
  { accountNo }: { accountNo: number },
  reason = 'ticket 4711',
): Promise<Answer> => browser.call('POST', 'impersonation', { accountNo, reason });

describe('impersonation', () => {
  it('A9, A10: shows the portal as the other, under both names, and comes back', async () => {
    const browser = await as(manager);
    const begun = await start(browser, user);
    const until = new Date(clock.now().getTime() + 3_600_000).toISOString();
    expect([begun.status, begun.body]).toEqual([
      201,
      { accountNo: user.accountNo, username: user.username, until },
    ]);
    const impersonatedBy = { accountNo: manager.accountNo, username: manager.username };
    expect((await browser.call('GET', 'me')).body).toMatchObject({
      username: user.username,
      role: 'power-user',
      impersonatedBy,
    });
    expect(await browser.identity()).toMatchObject({
      accountNo: user.accountNo,
      actor: { accountNo: manager.accountNo, subject: `account:${manager.accountNo}` },
    });
    expect((await browser.call('GET', 'session')).body).toMatchObject({ username: manager.username });
    expect((await browser.call('DELETE', 'impersonation')).status).toBe(204);
    expect((await browser.call('GET', 'me')).body).toMatchObject({
      username: manager.username,
      impersonatedBy: null,
    });
  });

  it('A11: is recorded with its reason, and what is done meanwhile under both names', async () => {
    const clerk = await account(rest, 'partner-senior-manager');
    const target = await account(rest, 'partner-senior-manager');
    const browser = await as(clerk);
    await start(browser, target, 'ticket 99');
    expect((await browser.call('POST', 'customers', { name: 'Made as another' })).status).toBe(201);
    await browser.call('DELETE', 'impersonation');
    const rows = await rest.unitOfWork.query<{ body: string }>(
      'SELECT body FROM audit_entry WHERE partner_id = $1 ORDER BY seq DESC LIMIT 3',
      [rest.ours],
    );
    const names = { subject: `account:${clerk.accountNo}`, onBehalfOf: target.accountNo };
    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { action: 'impersonation.stop', targetId: String(target.accountNo), ...names },
      { action: 'customer.create', ...names },
      {
        action: 'impersonation.start',
        detail: { reason: 'ticket 99' },
        subject: names.subject,
        onBehalfOf: null,
      },
    ]);
  });

  it('ends by itself after an hour', async () => {
    const clerk = await account(rest, 'partner-customer-service');
    const browser = await as(clerk);
    await start(browser, user);
    clock.advance(59 * 60_000);
    expect((await browser.identity()).accountNo).toBe(user.accountNo);
    clock.advance(60_000);
    expect(await browser.identity()).toMatchObject({ accountNo: clerk.accountNo, actor: null });
    expect((await browser.call('DELETE', 'impersonation')).status).toBe(409);
  });

  it('ends with the other account, and once the roles do not allow it', async () => {
    const doomed = await account(rest, 'power-user');
    const clerk = await account(rest, 'partner-customer-service');
    const [one, other] = [await as(manager), await as(clerk)];
    await start(one, doomed);
    await start(other, doomed);
    await rest.unitOfWork.query(
      "UPDATE account SET role = 'partner-senior-it-manager' WHERE account_no = $1",
      [doomed.accountNo],
    );
    expect((await other.identity()).accountNo).toBe(clerk.accountNo);
    await rest.unitOfWork.query('DELETE FROM account WHERE account_no = $1', [doomed.accountNo]);
    expect((await one.identity()).accountNo).toBe(manager.accountNo);
  });

  it('is refused twice at once (409), and to stop what has not begun (409)', async () => {
    const browser = await as(manager);
    expect((await browser.call('DELETE', 'impersonation')).status).toBe(409);
    await start(browser, user);
    expect((await start(browser, user)).status).toBe(409);
  });

  it('is for customer service and above, never for more power than one’s own', async () => {
    const may = async (role: Role, target: TestAccount): Promise<number> =>
      (await start(await as(await account(rest, role)), target)).status;
    expect(await may('partner-customer-service', user)).toBe(201);
    expect(await may('partner-senior-it-manager', user)).toBe(201);
    expect(await may('partner-senior-it-manager', manager)).toBe(403);
    for (const role of ['partner-read-only', 'partner-api', 'power-user'] as const)
      expect([role, await may(role, user)]).toEqual([role, 403]);
    expect(
      (await rest.call('POST', 'impersonation', { body: { accountNo: user.accountNo, reason: 'x' } })).status,
    ).toBe(403);
  });

  it('does not reach another partner, nor what does not exist (404), nor oneself (422)', async () => {
    const theirs = await account(rest, 'power-user', { partnerId: rest.theirs });
    const browser = await as(manager);
    expect((await start(browser, theirs)).status).toBe(404);
    expect((await start(browser, { accountNo: 1 })).status).toBe(404);
    expect((await start(browser, manager)).status).toBe(422);
  });

  it.each([
    { accountNo: 'x', reason: 'y' },
    { accountNo: 1 },
    { accountNo: 1, reason: ' ' },
    { accountNo: 1, reason: 'x', role: 'y' },
  ])('answers 400 to %j', async (body) => {
    expect((await (await as(manager)).call('POST', 'impersonation', body)).status).toBe(400);
  });

  it('touches no credentials, no second factor and no keys', async () => {
    const peer = await account(rest, 'partner-senior-manager');
    const browser = await as(manager);
    expect((await start(browser, peer)).status).toBe(201);
    const refused = [
      await browser.call('POST', `accounts/${user.accountNo}/password`, { randomPassword: true }),
      await browser.call(
        'PUT',
        `accounts/${user.accountNo}/role`,
        { role: 'partner-api' },
        { 'if-match': '"x"' },
      ),
      await browser.call('GET', 'api-keys'),
      await browser.call('POST', 'api-keys', { name: 'x' }),
      await browser.call('POST', 'me/mfa'),
      await browser.call('DELETE', 'me/mfa'),
    ];
    expect(refused.map(({ status, body }) => [status, body['type']])).toEqual(
      refused.map(() => [403, '/docs/problems/impersonating']),
    );
    expect((await browser.call('GET', 'brands')).status).toBe(200);
  });
});

describe('who is impersonated', () => {
  it('reads who did it and why', async () => {
    const [who, other] = [await account(rest, 'power-user'), await account(rest, 'power-user')];
    for (const reason of ['first', 'second']) {
      const browser = await as(manager);
      expect((await start(browser, who, reason)).status).toBe(201);
    }
    const own = await as(who);
    const first = await own.call('GET', 'me/impersonations?limit=1');
    expect(first.body.items).toEqual([
      { at: expect.any(String), byUsername: manager.username, reason: 'second' },
    ]);
    const next = await own.call('GET', `me/impersonations?cursor=${String(first.body['nextCursor'])}`);
    expect(next.body).toMatchObject({ items: [{ reason: 'first' }], nextCursor: null });
    expect((await (await as(other)).call('GET', 'me/impersonations')).body.items).toEqual([]);
    expect((await rest.call('GET', 'me/impersonations')).body.items).toEqual([]);
  });
});

describe('a partner that does without impersonation', () => {
  it('ends what is under way with the next request, and lets nobody begin; another partner is as it was', async () => {
    const browser = await as(manager);
    expect((await start(browser, user)).status).toBe(201);
    const { etag, body } = await rest.call('GET', 'impersonation-policy');
    expect(body).toEqual({ isAllowed: true });
    const set = (isAllowed: boolean, ifMatch: string) =>
      rest.call('PUT', 'impersonation-policy', { body: { isAllowed }, ifMatch });
    expect((await set(false, '"stale"')).status).toBe(412);
    const off = await set(false, etag);
    expect([off.status, off.body]).toEqual([200, { isAllowed: false }]);
    expect((await browser.call('GET', 'me')).body).toMatchObject({
      accountNo: manager.accountNo,
      impersonatedBy: null,
    });
    const refused = await start(await as(manager), user);
    expect([refused.status, refused.body['detail']]).toEqual([
      403,
      'Your partnership does without impersonation.',
    ]);
    const theirs = { partnerId: rest.theirs };
    const [boss, clerk] = [
      await account(rest, 'partner-senior-manager', theirs),
      await account(rest, 'power-user', theirs),
    ];
    expect((await start(await as(boss), clerk)).status).toBe(201);
    const entries = (await rest.call('GET', 'audit?action=impersonation.policy')).body.items;
    expect(entries).toMatchObject([{ detail: { isAllowed: false } }]);
    expect((await set(true, off.etag)).status).toBe(200);
    expect((await start(await as(manager), user)).status).toBe(201);
  });

  it('is decided by its senior manager alone, freshly proved and as nobody else', async () => {
    const put = (browser: Browser) =>
      browser.call('PUT', 'impersonation-policy', { isAllowed: true }, { 'if-match': '*' });
    const acting = await as(manager);
    const boss = await account(rest, 'partner-senior-manager');
    await start(acting, boss);
    expect((await put(acting)).body['type']).toBe('/docs/problems/impersonating');
    const browser = await as(manager);
    await rest.unitOfWork.query("UPDATE login_session SET stepped_up_at = now() - interval '11 minutes'");
    expect((await put(browser)).body['type']).toBe('/docs/problems/step-up-required');
  });
});
