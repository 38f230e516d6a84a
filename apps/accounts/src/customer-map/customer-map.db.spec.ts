import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import type { Delivered, MapCheckPayload } from '@backhaul/messaging';
import { AUTOTASK, CONNECTWISE, TestRest } from '../testing/rest.js';
import { MapChecksConsumer } from './map-checks.consumer.js';

jest.setTimeout(30_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
  await rest.connected('autotask', AUTOTASK);
});
afterAll(() => rest.close());

const PATH = 'psa/autotask/customer-map';
const rows = async (partnerId: PartnerId = rest.ours) =>
  (await rest.call('GET', `${PATH}?limit=200`, { partnerId })).body.items ?? [];
const etagOf = async (custId: number): Promise<string> =>
  String((await rows()).find((row) => row['custId'] === custId)?.['etag']);
const map = async (custId: number, psaCompanyId: string | null, ifMatch?: string) =>
  rest.call('PATCH', `${PATH}/${custId}`, {
    body: { psaCompanyId },
    ifMatch: ifMatch ?? (await etagOf(custId)),
  });

describe('the customer map', () => {
  it('D30, E32: is there once the integration was set up', async () => {
    const partnerId = await rest.partner('Later');
    expect((await rest.call('GET', 'psa/connectwise/customer-map', { partnerId })).status).toBe(404);
    const { etag } = await rest.call('GET', 'psa/connectwise/connection', { partnerId });
    await rest.call('PUT', 'psa/connectwise/connection', { partnerId, body: CONNECTWISE, ifMatch: etag });
    expect((await rest.call('GET', 'psa/connectwise/customer-map', { partnerId })).status).toBe(404);
    const settings = await rest.call('GET', 'psa/connectwise/settings', { partnerId });
    const body = { enabled: false };
    await rest.call('PUT', 'psa/connectwise/settings', { partnerId, body, ifMatch: settings.etag });
    expect((await rest.call('GET', 'psa/connectwise/customer-map', { partnerId })).status).toBe(200);
    expect((await rest.call('GET', 'psa/autotask/customer-map', { partnerId })).status).toBe(404);
  });

  it('D35: the Integration Map is the Customer Map: one address', async () => {
    const { payload } = await rest.http.fastify.inject('/openapi.json');
    const { paths } = JSON.parse(payload) as { paths: Record<string, unknown> };
    const maps = Object.keys(paths).filter((path) => /map$/.test(path));
    expect(maps).toEqual(['/api/v1/psa/{provider}/customer-map']);
  });

  it('D31: lists all customers with blank ids, page by page', async () => {
    const made = [await rest.customer('One'), await rest.customer('Two'), await rest.customer('Three')];
    const listed = await rows();
    for (const { custId } of made)
      expect(listed).toContainEqual({
        custId,
        customerName: expect.any(String),
        psaCompanyId: null,
        contractId: null,
        agreementId: null,
        problems: ['not_mapped'],
        etag: expect.any(String),
      });
    const page = await rest.call('GET', `${PATH}?limit=1&total=true`);
    expect(page.body).toMatchObject({ total: listed.length, nextCursor: expect.any(String) });
    const next = await rest.call('GET', `${PATH}?limit=1&cursor=${String(page.body['nextCursor'])}`);
    expect(next.body.items?.[0]?.['custId']).toBe(listed[1]?.['custId']);
  });

  it('D32: maps, changes and clears a customer, and publishes each', async () => {
    const { custId } = await rest.customer('Mapped');
    const mapped = await map(custId, '175');
    expect(mapped).toMatchObject({ status: 200, body: { custId, psaCompanyId: '175', problems: [] } });
    expect(mapped.body['etag']).toBe(mapped.etag);
    const more = await rest.call('PATCH', `${PATH}/${custId}`, {
      body: { contractId: '9' },
      ifMatch: mapped.etag,
    });
    expect(more.body).toMatchObject({ psaCompanyId: '175', contractId: '9' });
    expect((await map(custId, '176', mapped.etag)).status).toBe(412);
    expect((await map(custId, null)).body).toMatchObject({ psaCompanyId: null, problems: ['not_mapped'] });
    const sent = await rest.published('accounts.customer-map.v1', `autotask:${rest.ours}:${custId}`);
    expect(sent.map((payload) => payload?.['psaCompanyId'])).toEqual(['175', '175', null]);
  });

  it('D32: shows what became of a company since it was mapped, the newest word about that one; the mapping stays', async () => {
    const { custId } = await rest.customer('Gone');
    const { etag } = await map(custId, '910');
    const consumer = new MapChecksConsumer(rest.unitOfWork);
    const savedAt = Date.now();
    const tell = async (
      company: string,
      problems: string[],
      ms: number,
      partnerId = rest.ours,
    ): Promise<unknown> => {
      const at = new Date(savedAt + ms).toISOString();
      const payload = { partnerId, provider: 'autotask', custId, psaCompanyId: company, problems, at };
      await consumer.onChecks([{ payload } as unknown as Delivered<MapCheckPayload>]);
      const row = (await rows()).find((one) => one['custId'] === custId);
      expect([row?.['psaCompanyId'], row?.['etag']]).toEqual(['910', etag]);
      return row?.['problems'];
    };
    expect(await tell('910', ['company_gone'], 60_000, rest.theirs)).toEqual([]);
    expect(await tell('910', ['company_gone'], -60_000)).toEqual([]);
    expect(await tell('910', ['company_gone'], 60_000)).toEqual(['company_gone']);
    expect(await tell('910', [], 50_000)).toEqual(['company_gone']);
    expect(await tell('910', [], 70_000)).toEqual([]);
    expect(await tell('911', ['company_gone'], 80_000)).toEqual([]);
    expect(await tell('910', ['company_inactive'], 90_000)).toEqual(['company_inactive']);
    expect((await map(custId, '912')).body).toMatchObject({ psaCompanyId: '912', problems: [] });
  });

  it('D7, D32: refuses a company that another customer has (409), of whichever request came first', async () => {
    const made = await Promise.all(['a', 'b', 'c'].map((name) => rest.customer(name)));
    const etags = await Promise.all(made.map(({ custId }) => etagOf(custId)));
    const answers = await Promise.all(made.map(({ custId }, i) => map(custId, '400', etags[i])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('lets one of several first mappings of a customer through', async () => {
    const { custId } = await rest.customer('First');
    const etag = await etagOf(custId);
    const answers = await Promise.all(['501', '502', '503'].map((id) => map(custId, id, etag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect(await rest.published('accounts.customer-map.v1', `autotask:${rest.ours}:${custId}`)).toHaveLength(
      1,
    );
  });

  it('replaces several rows or none, and lets two companies change places', async () => {
    const [a, b] = [await rest.customer('A'), await rest.customer('B')];
    await map(a.custId, '601');
    await map(b.custId, '602');
    const swap = async (last: string) => ({
      items: [
        { custId: b.custId, psaCompanyId: '601', etag: last },
        { custId: a.custId, psaCompanyId: '602', etag: await etagOf(a.custId) },
      ],
    });
    expect((await rest.call('PUT', PATH, { body: await swap('"stale"') })).status).toBe(412);
    const idOf = async (custId: number) =>
      (await rows()).find((row) => row['custId'] === custId)?.['psaCompanyId'];
    expect(await idOf(a.custId)).toBe('601');
    expect((await rest.call('PUT', PATH, { body: await swap(await etagOf(b.custId)) })).status).toBe(204);
    expect([await idOf(a.custId), await idOf(b.custId)]).toEqual(['602', '601']);
  });

  it('knows no customer of another partner', async () => {
    const theirs = await rest.customer('Theirs', rest.theirs);
    expect((await map(theirs.custId, '700', '"x"')).status).toBe(404);
    expect((await rows()).map((row) => row['custId'])).not.toContain(theirs.custId);
  });

  it.each([
    ['a word for an id', { psaCompanyId: 'ACME' }],
    ['a number for text', { psaCompanyId: 175 }],
    ['a negative id', { psaCompanyId: '-1' }],
    ['an unknown field', { company: '1' }],
  ])('D32: answers 400 to %s', async (_what, body) => {
    const { custId } = await rest.customer('Bad');
    expect(
      (await rest.call('PATCH', `${PATH}/${custId}`, { body, ifMatch: await etagOf(custId) })).status,
    ).toBe(400);
    const items = [{ custId, etag: 'x', ...body }];
    expect((await rest.call('PUT', PATH, { body: { items } })).status).toBe(400);
  });

  it('wants If-Match', async () => {
    const { custId } = await rest.customer('Unconditional');
    expect((await rest.call('PATCH', `${PATH}/${custId}`, { body: { psaCompanyId: '800' } })).status).toBe(
      428,
    );
  });
});
