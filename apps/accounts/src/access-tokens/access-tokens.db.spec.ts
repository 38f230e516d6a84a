import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseApiKey } from '@backhaul/http';
import { type Call, pointersOf, TestRest } from '../testing/rest.js';

jest.setTimeout(30_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

const PATH = 'access-tokens';
const BODY = { name: ' Nightly script ', kind: 'api_methods' };
const create = (body: object = {}, as: Call = {}) =>
  rest.call('POST', PATH, { ...as, body: { ...BODY, ...body } });
const idsOf = async (path: string, as: Call = {}): Promise<unknown[]> =>
  ((await rest.call('GET', `${path}?limit=200`, as)).body.items ?? []).map(({ id }) => id);
const told = (keyId: unknown) => rest.published('accounts.api-keys.v1', String(keyId));

describe('access tokens', () => {
  it('C1: one is shown once, listed without it, kept as a digest, and revoked', async () => {
    const { status, body } = await create();
    expect(status).toBe(201);
    const { token, ...shown } = body;
    const key = parseApiKey(String(token));
    expect(shown).toMatchObject({
      name: 'Nightly script',
      kind: 'api_methods',
      keyId: key?.keyId,
      brandId: null,
      lastUsedAt: null,
    });
    const listed = (await rest.call('GET', `${PATH}?total=true`)).body;
    expect(listed).toMatchObject({ items: [shown], total: 1 });
    expect(await told(key?.keyId)).toEqual([
      expect.objectContaining({
        role: 'partner-api',
        scopes: ['api_methods'],
        secretHash: key?.secretHash,
        brandId: null,
      }),
    ]);
    const secret = String(token).slice(-38, -6);
    const kept = await rest.unitOfWork.query(
      'SELECT k::text FROM api_key k UNION SELECT o::text FROM outbox o',
    );
    expect(JSON.stringify(kept)).not.toContain(secret);
    const path = `${PATH}/${String(body['id'])}`;
    expect((await rest.call('DELETE', path)).status).toBe(204);
    expect((await rest.call('DELETE', path)).status).toBe(404);
    expect(await told(key?.keyId)).toEqual([expect.any(Object), null]);
    expect(await idsOf(PATH)).toEqual([]);
  });

  it('a repeated Idempotency-Key shows the same token', async () => {
    const [first, again] = [
      await create({}, { key: 'token-once-1' }),
      await create({}, { key: 'token-once-1' }),
    ];
    expect(again.body['token']).toBe(first.body['token']);
  });

  it('are no API keys, and API keys are none of them', async () => {
    const token = String((await create()).body['id']);
    const key = String((await rest.call('POST', 'api-keys', { body: { name: 'Key' } })).body['id']);
    expect(await idsOf('api-keys')).not.toContain(token);
    expect(await idsOf(PATH)).not.toContain(key);
    expect((await rest.call('POST', `api-keys/${token}/rotate`)).status).toBe(404);
    expect((await rest.call('DELETE', `api-keys/${token}`)).status).toBe(404);
    expect((await rest.call('DELETE', `${PATH}/${key}`)).status).toBe(404);
    const scoped = { name: 'x', scopes: ['api_methods'] };
    expect((await rest.call('POST', 'api-keys', { body: scoped })).status).toBe(400);
  });

  it('C2: one belongs to an office, and is seen and ended from there and above alone', async () => {
    const root = (await rest.call('GET', 'brands')).body['id'];
    const brand = async (name: string): Promise<string> =>
      String((await rest.call('POST', 'brands', { body: { name, parentId: root } })).body['id']);
    const [north, south] = [await brand('North'), await brand('South')];
    const [inNorth, inSouth] = [{ brandId: north }, { brandId: south }];
    const { body } = await create({}, inNorth);
    expect(body['brandId']).toBe(north);
    expect((await told(body['keyId']))[0]).toMatchObject({ brandId: north });
    expect(await idsOf(PATH, inNorth)).toEqual([body['id']]);
    expect(await idsOf(PATH, inSouth)).toEqual([]);
    expect((await rest.call('DELETE', `${PATH}/${String(body['id'])}`, inSouth)).status).toBe(404);
    expect((await create({ brandId: south }, inNorth)).status).toBe(404);
    expect((await create({ brandId: south })).body['brandId']).toBe(south);
    expect((await rest.call('DELETE', `${PATH}/${String(body['id'])}`)).status).toBe(204);
  });

  it.each<[object, number, string]>([
    [{ kind: undefined }, 400, '/kind'],
    [{ kind: 'read' }, 400, '/kind'],
    [{ name: ' ' }, 400, '/name'],
    [{ scopes: ['read'] }, 400, '/scopes'],
    [{ role: 'partner-senior-manager' }, 400, '/role'],
    [{ allowedCidrs: ['office'] }, 400, '/allowedCidrs/0'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 422, '/expiresAt'],
  ])('%j is refused', async (body, status, pointer) => {
    const answer = await create(body);
    expect([answer.status, pointersOf(answer)]).toEqual([status, [pointer]]);
  });

  it('are in the audit log under their own name', async () => {
    const { body } = await create();
    await rest.call('DELETE', `${PATH}/${String(body['id'])}`);
    const target = `access-token:${String(body['keyId'])}`;
    const { items = [] } = (await rest.call('GET', `audit?limit=200&target=${target}`)).body;
    expect(items.map(({ action }) => action).sort()).toEqual(['access-token.create', 'access-token.revoke']);
  });
});
