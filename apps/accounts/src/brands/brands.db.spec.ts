import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pointersOf, TestRest } from '../testing/rest.js';

jest.setTimeout(30_000);
let rest: TestRest;
let root: string;
beforeAll(async () => {
  rest = await TestRest.start();
  root = String((await rest.call('GET', 'brands')).body['id']);
});
afterAll(() => rest.close());

describe('brands over REST', () => {
  it('shows the tree, with the partner itself at its root', async () => {
    const child = await rest.call('POST', 'brands', { body: { name: ' North ', parentId: root } });
    expect(child).toMatchObject({ status: 201, body: { name: 'North', parentId: root, children: [] } });
    const id = String(child.body['id']);
    expect(child.headers['location']).toBe(`/api/v1/brands/${id}`);
    await rest.call('POST', 'brands', { body: { name: 'North-West', parentId: id } });
    expect((await rest.call('GET', 'brands')).body).toMatchObject({
      id: root,
      name: 'Ours',
      parentId: null,
      children: [{ id, children: [{ name: 'North-West', parentId: id }] }],
    });
    const shown = await rest.call('GET', `brands/${id}`);
    expect(shown).toMatchObject({
      status: 200,
      etag: child.etag,
      body: { children: [{ name: 'North-West' }] },
    });
  });

  it('renames with the newest ETag only', async () => {
    const { body, etag } = await rest.call('POST', 'brands', { body: { name: 'South', parentId: root } });
    const path = `brands/${String(body['id'])}`;
    expect((await rest.call('PATCH', path, { body: { name: 'X' } })).status).toBe(428);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) => rest.call('PATCH', path, { body: { name }, ifMatch: etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect((await rest.call('PATCH', path, { body: { name: null }, ifMatch: '*' })).status).toBe(400);
  });

  it('E12: says where its people find help, which holds below it until a brand there says otherwise', async () => {
    const make = async (name: string, parentId: string) =>
      String((await rest.call('POST', 'brands', { body: { name, parentId } })).body['id']);
    const [east, below] = await make('East', root).then(async (id) => [id, await make('Below', id)] as const);
    const say = (id: string, support: object | null) =>
      rest.call('PATCH', `brands/${id}`, { body: { support }, ifMatch: '*' });
    const shownTo = async (brandId: string) => (await rest.call('GET', 'me', { brandId })).body['support'];
    expect(await shownTo(below)).toBeNull();
    const ours = { url: 'https://partner.axcient.com/login', phones: ['800-352-0248', '720-204-4500'] };
    expect((await say(root, ours)).body['support']).toEqual(ours);
    expect(await shownTo(below)).toEqual(ours);
    expect((await say(east, { phones: ['+49 (0)30 1234'] })).status).toBe(200);
    expect(await shownTo(below)).toEqual({ url: null, phones: ['+49 (0)30 1234'] });
    expect((await rest.call('GET', `brands/${below}`)).body['support']).toBeNull();
    const { body: customer } = await rest.call('POST', 'customers', {
      body: { name: 'ACME', brandId: below },
    });
    const wanted = { custId: customer['custId'], username: 'acme-help', randomPassword: true };
    const { body: account } = await rest.call('POST', 'accounts', { body: wanted });
    const asUser = { role: 'power-user', accountNo: Number(account['accountNo']) } as const;
    expect((await rest.call('GET', 'me', asUser)).body['support']).toMatchObject({
      phones: ['+49 (0)30 1234'],
    });
    await say(east, null);
    expect(await shownTo(below)).toEqual(ours);
    expect((await rest.call('GET', 'me', { partnerId: rest.theirs })).body['support']).toBeNull();
  });

  it.each([
    [{ url: 'javascript:alert(1)' }, '/support/url'],
    [{ url: 'https://x"><script>' }, '/support/url'],
    [{ phones: ['<b>call</b>'] }, '/support/phones'],
    [{ phones: ['1234', '1234', '1234', '1234', '1234', '1234'] }, '/support/phones'],
    [{ fax: '1' }, '/support/fax'],
    ['phone', '/support'],
  ])('E12: %j is a 400 that points at %s', async (support, pointer) => {
    const answer = await rest.call('PATCH', `brands/${root}`, { body: { support }, ifMatch: '*' });
    expect([answer.status, pointersOf(answer)[0]]).toEqual([400, pointer]);
  });

  it('answers a repeated Idempotency-Key the same', async () => {
    const request = { body: { name: 'Once', parentId: root }, key: randomUUID() };
    const [first, again] = [
      await rest.call('POST', 'brands', request),
      await rest.call('POST', 'brands', request),
    ];
    expect(again.body).toEqual(first.body);
    const other = { ...request, body: { name: 'Twice', parentId: root } };
    expect((await rest.call('POST', 'brands', other)).status).toBe(422);
  });

  it('knows no brand of another partner', async () => {
    const partnerId = rest.theirs;
    expect((await rest.call('GET', `brands/${root}`, { partnerId })).status).toBe(404);
    const body = { name: 'Below a stranger', parentId: root };
    expect((await rest.call('POST', 'brands', { partnerId, body })).status).toBe(404);
  });

  it.each([{ name: 'A' }, { name: ' ', parentId: randomUUID() }, { name: 'A', parentId: 'x' }])(
    'answers 400 to %j',
    async (body) => {
      expect((await rest.call('POST', 'brands', { body })).status).toBe(400);
    },
  );
});
