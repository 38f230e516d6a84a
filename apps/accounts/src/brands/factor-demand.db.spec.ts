import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccountNo } from '@backhaul/domain';
import { type Answer, type Call, pointersOf, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
let root: string;
let [a, b, c]: string[] = [];
beforeAll(async () => {
  rest = await TestRest.start();
  root = String((await rest.call('GET', 'brands')).body['id']);
});
afterAll(() => rest.close());

const brand = async (name: string, parentId: string | undefined): Promise<string> =>
  String((await rest.call('POST', 'brands', { body: { name, parentId } })).body['id']);
/** A path of three below the root, new for each test; the root demands nothing. */
beforeEach(async () => {
  await say(root, false);
  a = await brand('A', root);
  b = await brand('B', a);
  c = await brand('C', b);
});

const say = (id: string | undefined, requireSecondFactor: unknown, who: Call = {}): Promise<Answer> =>
  rest.call('PATCH', `brands/${id}`, { body: { requireSecondFactor }, ifMatch: '*', ...who });
/** What a brand says itself, and what holds. */
async function shownOf(id: string | undefined, who: Call = {}): Promise<unknown[]> {
  const { body } = await rest.call('GET', `brands/${id}`, who);
  return [body['requireSecondFactor'], body['isSecondFactorRequired']];
}
const person = { accountNo: 80202029 as AccountNo, subject: 'account:80202029' };
const now = (): number => Math.floor(Date.now() / 1000);

describe('a brand says whether it demands a second factor', () => {
  it('itself, or as the brand above; the root says no until it is told otherwise', async () => {
    const theirs = String((await rest.call('GET', 'brands', { partnerId: rest.theirs })).body['id']);
    expect(await shownOf(theirs, { partnerId: rest.theirs })).toEqual([false, false]);
    expect(await shownOf(b)).toEqual([null, false]);
    expect((await say(b, true)).body).toMatchObject({
      requireSecondFactor: true,
      isSecondFactorRequired: true,
      children: [{ id: c, requireSecondFactor: null, isSecondFactorRequired: true }],
    });
    expect([await shownOf(a), await shownOf(c)]).toEqual([
      [null, false],
      [null, true],
    ]);
    await say(root, true);
    expect([await shownOf(a), await shownOf(b)]).toEqual([
      [null, true],
      [true, true],
    ]);
    expect((await rest.call('GET', 'brands')).body).toMatchObject({ isSecondFactorRequired: true });
    await say(b, null);
    expect(await shownOf(b)).toEqual([null, true]);
    await say(root, false);
    expect(await shownOf(b)).toEqual([null, false]);
  });

  it('never less than a brand above it (422), of which who sits below sees no more than that it holds', async () => {
    await say(a, true);
    const refused = await say(c, false, { brandId: String(c) });
    expect([refused.status, pointersOf(refused), refused.body.errors?.[0]?.rule]).toEqual([
      422,
      ['/requireSecondFactor'],
      'demandedAbove',
    ]);
    expect(await shownOf(c, { brandId: String(c) })).toEqual([null, true]);
    expect((await say(a, null, { brandId: String(c) })).status).toBe(404);
    expect((await say(c, true, { brandId: String(c) })).status).toBe(200);
    await say(a, null);
    expect([await shownOf(b), await shownOf(c)]).toEqual([
      [null, false],
      [true, true],
    ]);
    expect((await say(c, false)).status).toBe(200);
    await say(a, true);
    expect(await shownOf(c)).toEqual([false, true]);
  });

  it('and what it said goes with it where it is moved, under what holds there', async () => {
    const strict = await brand('Strict', root);
    await say(strict, true);
    const move = async (brandId: string | undefined, parentId: string): Promise<void> => {
      const body = { kind: 'move', brandId, parentId };
      const { id } = (await rest.call('POST', 'brand-change-requests', { body })).body;
      const path = `brand-change-requests/${String(id)}/execute`;
      expect((await rest.call('POST', path, { role: 'platform-operator' })).status).toBe(200);
    };
    await move(b, strict);
    expect([await shownOf(b), await shownOf(c)]).toEqual([
      [null, true],
      [null, true],
    ]);
    await move(b, root);
    expect([await shownOf(b), await shownOf(c)]).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  it('of which the root must say something: above it stands nothing (422)', async () => {
    const refused = await say(root, null);
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/requireSecondFactor']]);
  });

  it('whatever is said at once: in the end nothing below is less', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [above] = await Promise.all([say(b, true), say(c, false)]);
      expect([above.status, (await shownOf(c))[1]]).toEqual([200, true]);
      await Promise.all([say(b, null), say(c, null)]);
    }
  });
});

describe('who changes it', () => {
  it('has read it before, proved who that is, and acts as nobody else; a new name wants less', async () => {
    const path = `brands/${a}`;
    const { etag } = await rest.call('GET', path);
    const body = { requireSecondFactor: true };
    expect((await rest.call('PATCH', path, { body })).status).toBe(428);
    expect((await rest.call('PATCH', path, { body, ifMatch: '"stale"' })).status).toBe(412);
    const stale = { ...person, steppedUpAt: now() - 3600 };
    const acting = { ...person, steppedUpAt: now(), actor: { accountNo: null, subject: 'account:1' } };
    for (const word of [true, false, null]) {
      expect((await say(a, word, { as: stale })).body['type']).toBe('/docs/problems/step-up-required');
      expect((await say(a, word, { as: acting })).body['type']).toBe('/docs/problems/impersonating');
    }
    expect(await shownOf(a)).toEqual([null, false]);
    const renamed = await rest.call('PATCH', path, { body: { name: 'A2' }, ifMatch: etag, as: stale });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'A2', requireSecondFactor: null } });
    const changed = await rest.call('PATCH', path, {
      body,
      ifMatch: renamed.etag,
      as: { ...stale, steppedUpAt: now() },
    });
    expect(changed).toMatchObject({ status: 200, body: { name: 'A2', requireSecondFactor: true } });
    expect(changed.etag).not.toBe(renamed.etag);
    const entries = await rest.call('GET', `audit?action=brand.change&target=brand:${a}`);
    expect(entries.body.items).toMatchObject([
      { subject: person.subject, detail: { requireSecondFactor: true } },
      { subject: person.subject, detail: { requireSecondFactor: null } },
    ]);
  });

  it('is a manager of the partner: for others it is not theirs, for strangers not there', async () => {
    for (const role of ['partner-senior-customer-service', 'partner-read-only', 'partner-api'] as const)
      expect([role, (await say(a, true, { role })).status]).toEqual([role, 403]);
    expect((await say(a, true, { partnerId: rest.theirs })).status).toBe(404);
    expect((await say(a, true, { role: 'partner-senior-it-manager' })).status).toBe(200);
  });

  it('says yes, no or nothing, of this field alone (400)', async () => {
    for (const word of ['true', 1, 0, '', {}, []]) expect((await say(a, word)).status).toBe(400);
    const forged: object[] = [
      { isSecondFactorRequired: false },
      { require_second_factor: false },
      { requiresSecondFactor: false },
      { path: [] },
    ];
    for (const body of forged)
      expect((await rest.call('PATCH', `brands/${a}`, { body, ifMatch: '*' })).status).toBe(400);
    for (const more of [...forged, { requireSecondFactor: true }])
      expect((await rest.call('POST', 'brands', { body: { name: 'X', parentId: a, ...more } })).status).toBe(
        400,
      );
  });
});
