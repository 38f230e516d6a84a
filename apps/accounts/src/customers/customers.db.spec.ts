import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeCursor } from '@backhaul/http';
import { CONNECTWISE, TestRest } from '../testing/rest.js';

jest.setTimeout(30_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

describe('customers over REST', () => {
  it('creates, shows, renames and removes one, and publishes each change (A3)', async () => {
    const made = await rest.call('POST', 'customers', { body: { name: ' ACME ' } });
    expect(made).toMatchObject({ status: 201, body: { name: 'ACME', custId: expect.any(Number) } });
    const custId = Number(made.body['custId']);
    const path = `customers/${custId}`;
    expect(made.headers['location']).toBe(`/api/v1/${path}`);
    expect(await rest.call('GET', path)).toMatchObject({ status: 200, body: made.body, etag: made.etag });
    const changed = await rest.call('PATCH', path, { body: { name: 'Acme' }, ifMatch: made.etag });
    expect(changed).toMatchObject({ status: 200, body: { ...made.body, name: 'Acme' } });
    expect((await rest.call('DELETE', path, { ifMatch: changed.etag })).status).toBe(204);
    expect((await rest.call('GET', path)).status).toBe(404);
    const payload = { partnerId: rest.ours, custId, brandId: made.body['brandId'] };
    expect(await rest.published('accounts.customers.v1', `${rest.ours}:${custId}`)).toEqual([
      { ...payload, name: 'ACME' },
      { ...payload, name: 'Acme' },
      null,
    ]);
  });

  it('takes a Cust. ID of its own per partner, and refuses one in use with 409', async () => {
    const body = { name: 'Chosen', custId: 777 };
    expect((await rest.call('POST', 'customers', { body })).status).toBe(201);
    expect((await rest.call('POST', 'customers', { body, partnerId: rest.theirs })).status).toBe(201);
    expect((await rest.call('POST', 'customers', { body })).status).toBe(409);
  });

  it('gives one of two parallel creations of the same Cust. ID, and 409 to the other', async () => {
    const body = { name: 'Race', custId: 888 };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => rest.call('POST', 'customers', { body })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await rest.published('accounts.customers.v1', `${rest.ours}:888`)).toHaveLength(1);
  });

  it('gives free numbers while somebody types the same ones', async () => {
    const { custId: last } = await rest.customer();
    const typed = Array.from({ length: 4 }, (_, i) =>
      rest.call('POST', 'customers', { body: { name: 'Typed', custId: last + 1 + i } }),
    );
    const given = Array.from({ length: 6 }, () =>
      rest.call('POST', 'customers', { body: { name: 'Given' } }),
    );
    const answers = await Promise.all(given);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const all = [...answers, ...(await Promise.all(typed))].filter(({ status }) => status === 201);
    expect(new Set(all.map(({ body }) => body['custId'])).size).toBe(all.length);
  });

  it('lets one of several changes of the same version through', async () => {
    const { custId, etag } = await rest.customer();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        rest.call('PATCH', `customers/${custId}`, { body: { name }, ifMatch: etag }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200);
    const sent = await rest.published('accounts.customers.v1', `${rest.ours}:${custId}`);
    expect(sent.map((payload) => payload?.['name'])).toEqual(['ACME', winner?.body['name']]);
  });

  it('answers parallel requests with one Idempotency-Key with one customer', async () => {
    const request = { body: { name: 'Once' }, key: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => rest.call('POST', 'customers', request)),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(made.map(({ body }) => body['custId'])).size).toBe(1);
    const again = await rest.call('POST', 'customers', request);
    expect(again).toMatchObject({ status: 201, body: made[0]?.body, etag: made[0]?.etag });
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' });
    expect((await rest.call('POST', 'customers', { ...request, body: { name: 'Other' } })).status).toBe(422);
    const foreign = await rest.call('POST', 'customers', { ...request, partnerId: rest.theirs });
    expect(foreign.status).toBe(201);
  });

  it('keeps a customer that has accounts (409), and takes its mappings with it otherwise', async () => {
    await rest.connected('connectwise', CONNECTWISE);
    const { custId, etag } = await rest.customer();
    const map = `psa/connectwise/customer-map/${custId}`;
    const row = (await rest.call('GET', 'psa/connectwise/customer-map?limit=200')).body.items?.find(
      (item) => item['custId'] === custId,
    );
    const mapped = await rest.call('PATCH', map, {
      body: { psaCompanyId: '4711' },
      ifMatch: String(row?.['etag']),
    });
    expect(mapped.status).toBe(200);
    const account = await rest.call('POST', 'accounts', { body: { custId, username: 'keeps-it' } });
    const refused = await rest.call('DELETE', `customers/${custId}`, { ifMatch: etag });
    expect(refused.status).toBe(409);
    expect((await rest.call('PATCH', map, { body: {}, ifMatch: mapped.etag })).status).toBe(200);
    const no = Number(account.body['accountNo']);
    await rest.call('DELETE', `accounts/${no}`, { ifMatch: account.etag });
    expect((await rest.call('DELETE', `customers/${custId}`, { ifMatch: etag })).status).toBe(204);
    const sent = await rest.published('accounts.customer-map.v1', `connectwise:${rest.ours}:${custId}`);
    expect(sent).toEqual([expect.any(Object), expect.any(Object), null]);
  });

  it('pages by Cust. ID, filters, and counts what the filter lets through', async () => {
    const partnerId = await rest.partner('Pages');
    for (const name of ['Alpha', 'Beta', 'Alphabet']) await rest.customer(name, partnerId);
    const list = (query: string) => rest.call('GET', `customers?${query}`, { partnerId });
    const names = ({ body }: Awaited<ReturnType<typeof list>>) => body.items?.map((row) => row['name']);
    const first = await list('limit=2&total=true');
    expect([names(first), first.body['total']]).toEqual([['Alpha', 'Beta'], 3]);
    const rest_ = await list(`limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect([names(rest_), rest_.body['nextCursor']]).toEqual([['Alphabet'], null]);
    const found = await list('q=alpha&total=true');
    expect([names(found), found.body['total']]).toEqual([['Alpha', 'Alphabet'], 2]);
    expect(names(await list('q=%25'))).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=ten',
    'colour=red',
    'q=a&q=b',
    'cursor=x',
    'total=maybe',
    `cursor=${encodeCursor(['x'])}`,
    `cursor=${encodeCursor([1e300])}`,
  ])('answers 400 to the query %s', async (query) => {
    expect((await rest.call('GET', `customers?${query}`)).status).toBe(400);
  });

  it('finds nothing, and breaks nothing, by a NUL character', async () => {
    expect((await rest.call('GET', 'customers?q=%00')).status).toBeLessThan(500);
  });

  it('answers 404 to the brand of another partner', async () => {
    const { body } = await rest.call('GET', 'brands', { partnerId: rest.theirs });
    const brandId = body['id'];
    expect((await rest.call('POST', 'customers', { body: { name: 'X', brandId } })).status).toBe(404);
  });
});
