import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeCursor, parseApiKey } from '@backhaul/http';
import { TestRest } from '../testing/rest.js';

jest.setTimeout(30_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

const PATH = 'api-keys';
const create = (body: object) => rest.call('POST', PATH, { body: { name: 'Key', ...body } });

describe('API keys over REST', () => {
  it('shows a key once and publishes its hash alone', async () => {
    const { status, body } = await create({
      name: ' Script ',
      scopes: ['read', 'read'],
      role: 'partner-read-only',
    });
    expect(status).toBe(201);
    const key = parseApiKey(String(body['key']));
    expect(body).toMatchObject({
      name: 'Script',
      keyId: key?.keyId,
      scopes: ['read'],
      role: 'partner-read-only',
      expiresAt: null,
    });
    const listed = (await rest.call('GET', `${PATH}?limit=200`)).body.items?.find(
      (row) => row['id'] === body['id'],
    );
    const { key: _, ...shown } = body;
    expect(listed).toEqual(shown);
    expect(await rest.published('accounts.api-keys.v1', String(key?.keyId))).toEqual([
      {
        keyId: key?.keyId,
        partnerId: rest.ours,
        secretHash: key?.secretHash,
        scopes: ['read'],
        role: 'partner-read-only',
        brandId: null,
        expiresAt: null,
      },
    ]);
    const secret = String(body['key']).slice(-38, -6);
    const kept = await rest.unitOfWork.query(
      'SELECT k::text FROM api_key k UNION SELECT o::text FROM outbox o',
    );
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('rotates: a second key with the same rights beside the first, until that is deleted', async () => {
    const first = await create({ scopes: ['events:write'], expiresAt: '2999-01-01T00:00:00.000Z' });
    const second = await rest.call('POST', `${PATH}/${String(first.body['id'])}/rotate`);
    expect(second.status).toBe(201);
    const { scopes, role, name, expiresAt } = first.body;
    expect(second.body).toMatchObject({ scopes, role, name, expiresAt });
    expect(second.body['keyId']).not.toBe(first.body['keyId']);
    const path = `${PATH}/${String(first.body['id'])}`;
    const removals = await Promise.all([rest.call('DELETE', path), rest.call('DELETE', path)]);
    expect(removals.map(({ status }) => status).sort()).toEqual([204, 404]);
    const sent = await rest.published('accounts.api-keys.v1', String(first.body['keyId']));
    expect(sent).toEqual([expect.any(Object), null]);
    expect(await rest.published('accounts.api-keys.v1', String(second.body['keyId']))).toHaveLength(1);
  });

  it('answers 422 to a time that has passed, also when an expired key is rotated', async () => {
    expect((await create({ expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    const { body } = await create({ expiresAt: '2999-01-01T00:00:00Z' });
    await rest.unitOfWork.query(
      "UPDATE api_key SET expires_at = now() - interval '1 s' WHERE api_key_id = $1",
      [body['id']],
    );
    expect((await rest.call('POST', `${PATH}/${String(body['id'])}/rotate`)).status).toBe(422);
  });

  it('hides keys of another partner', async () => {
    const path = `${PATH}/${String((await create({})).body['id'])}`;
    const partnerId = rest.theirs;
    expect((await rest.call('DELETE', path, { partnerId })).status).toBe(404);
    expect((await rest.call('POST', `${path}/rotate`, { partnerId })).status).toBe(404);
    expect((await rest.call('DELETE', path)).status).toBe(204);
  });

  it('pages, counts, and refuses the cursor of another list', async () => {
    const first = await rest.call('GET', `${PATH}?limit=1&total=true`);
    expect(first.body).toMatchObject({ items: [expect.any(Object)], nextCursor: expect.any(String) });
    expect(Number(first.body['total'])).toBeGreaterThan(2);
    const next = await rest.call('GET', `${PATH}?limit=1&cursor=${String(first.body['nextCursor'])}`);
    expect(next.body.items?.[0]?.['id']).not.toBe(first.body.items?.[0]?.['id']);
    expect((await rest.call('GET', `${PATH}?cursor=${encodeCursor([7])}`)).status).toBe(400);
  });

  it.each([
    { name: undefined },
    { name: ' ' },
    { name: 'x'.repeat(201) },
    { scopes: ['everything'] },
    { scopes: 'read' },
    { role: 'platform-operator' },
    { role: 'power-user' },
    { expiresAt: 'tomorrow' },
    { secretHash: 'x' },
  ])('answers 400 to %j', async (body) => {
    expect((await create(body)).status).toBe(400);
  });
});
