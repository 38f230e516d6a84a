import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { account, Browser } from '../testing/browser.js';
import { type Answer, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

const operator = { role: 'platform-operator' } as const;
const change = (what: 'suspend' | 'restore', partnerId: string, reason = 'Unpaid, ticket 4711') =>
  rest.call('POST', `partners/${partnerId}/${what}`, { ...operator, body: { reason } });
const entries = async (partnerId: PartnerId): Promise<Record<string, unknown>[]> =>
  (await rest.call('GET', 'audit?limit=200', { partnerId })).body.items ?? [];
const typeOf = ({ status, body }: Answer): unknown[] => [status, body['type']];
const REFUSED = [403, '/docs/problems/partner-suspended'];

describe('a suspension', () => {
  it('is shown, told to the other services and written into the partner’s log, once', async () => {
    const partnerId = await rest.partner('Unpaid');
    const suspended = {
      id: partnerId,
      name: 'Unpaid',
      isSuspended: true,
      suspendedAt: expect.any(String),
      suspensionReason: 'Unpaid, ticket 4711',
    };
    const first = await change('suspend', partnerId, '  Unpaid, ticket 4711 ');
    expect([first.status, first.body]).toEqual([200, suspended]);
    const again = await change('suspend', partnerId, 'Another reason');
    expect([again.status, again.body]).toEqual([200, first.body]);
    const { body } = await rest.call('GET', 'partners?limit=200', operator);
    expect(body.items).toContainEqual(suspended);
    const restored = await change('restore', partnerId, 'Paid');
    const open = { ...suspended, isSuspended: false, suspendedAt: null, suspensionReason: null };
    expect([restored.status, restored.body]).toEqual([200, open]);
    expect((await change('restore', partnerId)).body).toEqual(open);
    const told = await rest.published('accounts.partners.v1', partnerId);
    expect(told.map((each) => each?.['isSuspended'])).toEqual([false, true, false]);
    const about = (await entries(partnerId)).filter(({ target }) => target === `partner:${partnerId}`);
    expect(about.map(({ action, detail }) => [action, detail])).toEqual([
      ['partner.restore', { reason: 'Paid' }],
      ['partner.suspend', { reason: 'Unpaid, ticket 4711' }],
    ]);
  });

  it('lets nobody of the partner in by session, login, token or reset, and all of them again afterwards', async () => {
    const partnerId = await rest.partner('Away');
    const who = await account(rest, 'partner-senior-manager', { partnerId });
    const browser = new Browser(rest);
    expect((await browser.logIn(who)).status).toBe(201);
    await change('suspend', partnerId);
    expect(typeOf(await browser.authenticate())).toEqual(REFUSED);
    expect(typeOf(await new Browser(rest).logIn(who))).toEqual(REFUSED);
    // Who does not know the password learns nothing of it.
    expect((await new Browser(rest).logIn({ ...who, password: 'a guess of somebody' })).status).toBe(401);
    const outcomes = await rest.unitOfWork.query<{ outcome: string }>(
      'SELECT outcome FROM login_attempt WHERE account_no = $1 ORDER BY at',
      [who.accountNo],
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'logged-in',
      'partner-suspended',
      'wrong-password',
    ]);
    await change('restore', partnerId);
    expect((await browser.authenticate()).status).toBe(200);
  });

  it('leaves a name that another partner has as well to the one who is let in', async () => {
    const [older, newer] = [await rest.partner('Older'), await rest.partner('Newer')];
    const login = { username: 'namesake', password: 'one lamp on two stairs' };
    await account(rest, 'power-user', { ...login, partnerId: older });
    const theirs = await account(rest, 'power-user', { ...login, partnerId: newer });
    await change('suspend', older);
    const browser = new Browser(rest);
    expect((await browser.logIn(login)).status).toBe(201);
    expect((await browser.identity()).accountNo).toBe(theirs.accountNo);
  });

  it('is an operator’s, with a fresh proof and a reason, of a partner that is there', async () => {
    const path = `partners/${rest.theirs}/suspend`;
    const body = { reason: 'x' };
    expect((await rest.call('POST', path, { body })).status).toBe(403);
    const stale = await rest.call('POST', path, { ...operator, body, as: { steppedUpAt: 1 } });
    expect(typeOf(stale)).toEqual([403, '/docs/problems/step-up-required']);
    for (const reason of ['', '   ', 'x'.repeat(501), 7])
      expect((await rest.call('POST', path, { ...operator, body: { reason } })).status).toBe(400);
    expect((await change('suspend', '0190f3a1-0000-7000-8000-00000000ffff')).status).toBe(404);
    expect((await entries(rest.theirs)).map(({ action }) => action)).not.toContain('partner.suspend');
  });

  it('does not happen when it cannot be recorded', async () => {
    await rest.unitOfWork.query('ALTER TABLE audit_entry RENAME TO audit_entry_away');
    try {
      expect((await change('suspend', rest.theirs)).status).toBe(500);
    } finally {
      await rest.unitOfWork.query('ALTER TABLE audit_entry_away RENAME TO audit_entry');
    }
    const { body } = await rest.call('GET', 'partners', operator);
    expect(body.items?.find(({ id }) => id === rest.theirs)).toMatchObject({ isSuspended: false });
    expect(await rest.published('accounts.partners.v1', rest.theirs)).toHaveLength(1);
  });

  it('asked for and taken back by many at once ends as the last said, and told', async () => {
    const partnerId = await rest.partner('Torn');
    await Promise.all(Array.from({ length: 12 }, (_, n) => change(n % 2 ? 'suspend' : 'restore', partnerId)));
    const { body } = await rest.call('GET', 'partners?limit=200', operator);
    const now = body.items?.find(({ id }) => id === partnerId)?.['isSuspended'];
    expect((await rest.published('accounts.partners.v1', partnerId)).at(-1)?.['isSuspended']).toBe(now);
  });
});

it('partners are listed page by page', async () => {
  const all = (await rest.call('GET', 'partners?limit=200', operator)).body.items ?? [];
  const first = (await rest.call('GET', 'partners?limit=1', operator)).body;
  const cursor = encodeURIComponent(String(first['nextCursor']));
  const others = (await rest.call('GET', `partners?limit=200&cursor=${cursor}`, operator)).body.items ?? [];
  expect([...(first.items ?? []), ...others]).toEqual(all);
  expect((await rest.call('GET', 'partners?cursor=x', operator)).status).toBe(400);
});
