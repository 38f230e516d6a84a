import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type AccountNo, type BrandId, type PartnerId, uuidFrom } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';

jest.setTimeout(60_000);
/** Of the same customer, of a brand beside, of another partner, and one that was deleted while its events stay. */
const [SECOND, BESIDE, FOREIGN, DELETED] = [ACCOUNT_NO + 1, 80700001, 80700002, 80700003];
const [north, south] = ['north', 'south'].map((name) => uuidFrom(name) as BrandId) as [BrandId, BrandId];
const OTHER = uuidFrom('other partner') as PartnerId;

interface Item {
  eventId: string;
  tenant: { accountNo: number };
}
interface Page {
  items: Item[];
  nextCursor: string | null;
  total?: number;
}

let running: Running;
beforeAll(async () => {
  running = await Running.start();
  const { partnerId } = running;
  for (const brand of [north, south])
    await running.query('INSERT INTO known_brand VALUES ($1, $2, ARRAY[$2::uuid])', [partnerId, brand]);
  await running.query('UPDATE customer SET brand_id = $1', [north]);
  await account(partnerId, 34901, south, BESIDE);
  await account(OTHER, 34902, north, FOREIGN);
  await account(partnerId, 34903, north, DELETED);
  for (const [accountNo, owner] of [
    [ACCOUNT_NO, partnerId],
    [SECOND, partnerId],
    [BESIDE, partnerId],
    [FOREIGN, OTHER],
    [DELETED, partnerId],
  ] as const)
    // prettier-ignore
    await reports(accountNo, owner);
  await reports(ACCOUNT_NO, partnerId);
  await running.query('DELETE FROM account WHERE account_no = $1', [DELETED]);
});
afterAll(() => running.close());

async function account(partnerId: PartnerId, custId: number, brandId: BrandId, accountNo: number): Promise<void> {
  await running.query('INSERT INTO customer VALUES ($1, $2, $3, $4)', [partnerId, custId, brandId, 'C']);
  await running.query(`INSERT INTO account VALUES ($1, $2, $3, $4, $5, 'HOST')`, [accountNo, partnerId, custId, brandId, `user ${accountNo}`]); // prettier-ignore
} // prettier-ignore

async function reports(accountNo: number, partnerId: PartnerId): Promise<void> {
  const made = await running.apiAs({ partnerId }, 'POST', '/endpoints', { agent: 'generic', accountNo });
  const { key } = (await made.json()) as { key: string };
  expect((await running.post(`/ping/${key}/fail`, '')).status).toBe(200);
}

const read = async (path: string, who: Partial<Identity> = {}): Promise<{ status: number; page: Page }> => {
  const answer = await running.apiAs(who, 'GET', path);
  return { status: answer.status, page: (await answer.json()) as Page };
};
const logOf = (accountNo: number | string, who: Partial<Identity> = {}, query = '') =>
  read(`/accounts/${accountNo}/events${query}`, who);
const numbersOf = ({ items }: Page): number[] => items.map(({ tenant }) => tenant.accountNo);
const searched = async (): Promise<Page> =>
  (await (await running.api('POST', '/events/search', { all: [] })).json()) as Page;

describe('every event of the log', () => {
  it('names its account by number, in lists, searches and alone; by it the account’s event log opens (F15)', async () => {
    const all = [ACCOUNT_NO, DELETED, BESIDE, SECOND, ACCOUNT_NO];
    const pages = [(await read('/events')).page, (await read('/events?q=*')).page, await searched()];
    for (const page of pages) expect(numbersOf(page)).toEqual(all);
    for (const { eventId, tenant } of pages[0]?.items ?? []) {
      const { page } = await read(`/events/${eventId}`);
      expect(page).toMatchObject({ eventId, tenant: { accountNo: tenant.accountNo } });
      if (tenant.accountNo === DELETED) continue;
      const log = await logOf(tenant.accountNo);
      expect(log.status).toBe(200);
      expect(log.page.items.map((item) => item.eventId)).toContain(eventId);
      expect(new Set(numbersOf(log.page))).toEqual(new Set([tenant.accountNo]));
    }
  });

  it('leads by its id to what each rule did with it (F16)', async () => {
    for (const { items } of [(await read('/events')).page, await searched(), (await logOf(ACCOUNT_NO)).page])
      for (const { eventId } of items) {
        const answer = await running.api('GET', `/events/${eventId}/notifications`);
        expect([answer.status, await answer.json()]).toMatchObject([200, { eventId, actions: [], reprocessings: [] }]); // prettier-ignore
      }
  });
});

describe('the event log of an account', () => {
  it('is the log’s part: counted, filtered and paged as that is (F15)', async () => {
    const first = await logOf(ACCOUNT_NO, {}, '?limit=1&total=true');
    expect(first.page).toMatchObject({ items: [{}], total: 2, nextCursor: expect.any(String) });
    const next = await logOf(ACCOUNT_NO, {}, `?limit=1&cursor=${String(first.page.nextCursor)}`);
    expect(next.page.nextCursor).toBeNull();
    const both = (await logOf(ACCOUNT_NO)).page.items.map(({ eventId }) => eventId);
    expect([...first.page.items, ...next.page.items].map(({ eventId }) => eventId)).toEqual(both);
    for (const [query, count] of [
      ['?severity=OK', 0],
      ['?severity=ERROR', 2],
      [`?q=${ACCOUNT_NO}`, 2],
      ['?to=2020-01-01T00:00:00Z', 0],
    ] as const)
      // prettier-ignore
      expect([query, (await logOf(ACCOUNT_NO, {}, query)).page.items.length]).toEqual([query, count]);
    await running.query(`INSERT INTO account VALUES (80700009, $1, $2, $3, 'silent', 'HOST')`, [running.partnerId, CUST_ID, north]); // prettier-ignore
    expect(await logOf(80700009)).toEqual({ status: 200, page: { items: [], nextCursor: null } });
  });

  it.each<[string, number, () => Partial<Identity>]>([
    ['of another partner', FOREIGN, () => ({})],
    ['of ours, to another partner', ACCOUNT_NO, () => ({ partnerId: OTHER })],
    ['of a brand beside the own', BESIDE, () => ({ brandId: north })],
    ['of another end user', SECOND, () => ({ role: 'power-user', accountNo: ACCOUNT_NO as AccountNo })],
    ['that was deleted', DELETED, () => ({})],
    ['that never was', 1, () => ({})],
  ])('%s is 404 (F15)', async (_whose, accountNo, who) => {
    const [hidden, never] = [await logOf(accountNo, who()), await logOf(2, who())];
    expect(hidden.status).toBe(404);
    expect(hidden.page).toEqual({ ...never.page, instance: expect.any(String), requestId: expect.any(String) });
  }); // prettier-ignore

  it('is seen by whose it is, and from above', async () => {
    const own: Partial<Identity> = { role: 'power-user', accountNo: ACCOUNT_NO as AccountNo };
    for (const who of [own, { brandId: north }, {}])
      expect((await logOf(ACCOUNT_NO, who)).page.items).toHaveLength(2);
    expect((await logOf(BESIDE, { brandId: south })).page.items).toHaveLength(1);
  });

  it.each([
    ['x', '', '/no'],
    ['0', '', '/no'],
    ['1.5', '', '/no'],
    [ACCOUNT_NO, '?accountNo=1', '/accountNo'],
    [ACCOUNT_NO, '?custId=1', '/custId'],
    [ACCOUNT_NO, '?limit=500', '/limit'],
    [ACCOUNT_NO, '?type=odd', '/type'],
    [ACCOUNT_NO, '?from=now', '/from'],
    [ACCOUNT_NO, '?cursor=abc', '/cursor'],
  ])('of %s%s is a 400 that points at %s', async (no, query, pointer) => {
    const answer = await running.api('GET', `/accounts/${no}/events${query}`);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors[0]?.pointer]).toEqual([400, pointer]);
  });
});
