import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeCursor, parseApiKey } from '@backhaul/http';
import type { ApiKeyUsePayload, Delivered } from '@backhaul/messaging';
import { pointersOf, TestRest } from '../testing/rest.js';
import { ApiKeyUsesConsumer } from './api-key-uses.consumer.js';

jest.setTimeout(30_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

const PATH = 'api-keys';
const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const daysUntil = (time: unknown): number => (Date.parse(String(time)) - Date.now()) / DAY_MS;
const listed = async (id: unknown): Promise<Record<string, unknown> | undefined> =>
  (await rest.call('GET', `${PATH}?limit=200`)).body.items?.find((row) => row['id'] === id);
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
      expiresAt: expect.any(String),
      allowedCidrs: [],
      overlapUntil: null,
      lastUsedAt: null,
    });
    const { key: _, ...shown } = body;
    expect(await listed(body['id'])).toEqual(shown);
    expect(await rest.published('accounts.api-keys.v1', String(key?.keyId))).toEqual([
      {
        keyId: key?.keyId,
        partnerId: rest.ours,
        secretHash: key?.secretHash,
        scopes: ['read'],
        role: 'partner-read-only',
        brandId: null,
        expiresAt: body['expiresAt'],
        allowedCidrs: [],
      },
    ]);
    const secret = String(body['key']).slice(-38, -6);
    const kept = await rest.unitOfWork.query(
      'SELECT k::text FROM api_key k UNION SELECT o::text FROM outbox o',
    );
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('rotates: a second key with the same rights, beside which the first works until its overlap ends', async () => {
    const first = await create({
      scopes: ['events:write'],
      allowedCidrs: ['192.0.2.0/24'],
      expiresAt: inDays(30),
    });
    const path = `${PATH}/${String(first.body['id'])}`;
    const second = await rest.call('POST', `${path}/rotate`, { body: { overlapHours: 2 } });
    expect(second.status).toBe(201);
    const { scopes, role, name, allowedCidrs } = first.body;
    expect(second.body).toMatchObject({ scopes, role, name, allowedCidrs, overlapUntil: null });
    expect(second.body['keyId']).not.toBe(first.body['keyId']);
    expect(daysUntil(second.body['expiresAt'])).toBeCloseTo(30, 1);
    const sent = await rest.published('accounts.api-keys.v1', String(first.body['keyId']));
    expect(daysUntil(sent.at(-1)?.['expiresAt'])).toBeCloseTo(2 / 24, 2);
    expect((await listed(first.body['id']))?.['overlapUntil']).toBe(sent.at(-1)?.['expiresAt']);
    expect((await rest.call('POST', `${path}/rotate`)).status).toBe(409);
    const removals = await Promise.all([rest.call('DELETE', path), rest.call('DELETE', path)]);
    expect(removals.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect(await rest.published('accounts.api-keys.v1', String(first.body['keyId']))).toHaveLength(3);
    expect(await rest.published('accounts.api-keys.v1', String(second.body['keyId']))).toHaveLength(1);
  });

  it('rotates without overlap: the old key is revoked by the same transaction', async () => {
    const first = await create({});
    const path = `${PATH}/${String(first.body['id'])}/rotate`;
    expect((await rest.call('POST', path, { body: { overlapHours: 0 } })).status).toBe(201);
    const sent = await rest.published('accounts.api-keys.v1', String(first.body['keyId']));
    expect(sent).toEqual([expect.any(Object), null]);
    expect(await listed(first.body['id'])).toBeUndefined();
  });

  it('one of several rotations at once makes a key', async () => {
    const { body } = await create({});
    const path = `${PATH}/${String(body['id'])}/rotate`;
    const answers = await Promise.all([1, 2, 3].map(() => rest.call('POST', path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it.each([[{ overlapHours: -1 }], [{ overlapHours: 721 }], [{ overlapHours: 1.5 }], [{ overlapHours: '1' }], [{ hours: 1 }]])(
    'answers 400 to a rotation with %j',
    async (body) => {
      const path = `${PATH}/${String((await create({})).body['id'])}/rotate`;
      expect((await rest.call('POST', path, { body })).status).toBe(400);
    },
  ); // prettier-ignore

  it('answers 422 to an end that has passed or is more than a year away, also when an expired key is rotated', async () => {
    for (const expiresAt of ['2020-01-01T00:00:00Z', inDays(367)]) {
      const answer = await create({ expiresAt });
      expect([answer.status, pointersOf(answer)]).toEqual([422, ['/expiresAt']]);
    }
    expect((await create({ expiresAt: inDays(364) })).status).toBe(201);
    const { body } = await create({});
    expect(daysUntil(body['expiresAt'])).toBeCloseTo(365, 1);
    await rest.unitOfWork.query(
      "UPDATE api_key SET expires_at = now() - interval '1 s' WHERE api_key_id = $1",
      [body['id']],
    );
    expect((await rest.call('POST', `${PATH}/${String(body['id'])}/rotate`)).status).toBe(422);
  });

  it('is bound to networks, each as it is meant; what is none is 400 with its place', async () => {
    const allowedCidrs = ['192.0.2.7', '2001:DB8::/32', '::ffff:10.0.0.0/104', '192.0.2.7/32'];
    const { body } = await create({ allowedCidrs });
    expect(body['allowedCidrs']).toEqual(['192.0.2.7', '2001:db8::/32', '10.0.0.0/8']);
    const sent = await rest.published('accounts.api-keys.v1', String(body['keyId']));
    expect(sent[0]?.['allowedCidrs']).toEqual(body['allowedCidrs']);
    const answer = await create({ allowedCidrs: ['192.0.2.7', '10.0.0.0/33', 'office'] });
    expect([answer.status, pointersOf(answer)]).toEqual([400, ['/allowedCidrs/1', '/allowedCidrs/2']]);
  });

  it('answers a repeated Idempotency-Key with the same key, which the table does not hold', async () => {
    for (const [path, body] of [
      [PATH, { name: 'Once' }],
      [`${PATH}/${String((await create({})).body['id'])}/rotate`, { overlapHours: 1 }],
    ] as const) {
      const key = `only-${path}`;
      const [first, again] = [
        await rest.call('POST', path, { body, key }),
        await rest.call('POST', path, { body, key }),
      ];
      expect([first.status, again.body]).toEqual([201, first.body]);
      const kept = JSON.stringify(await rest.unitOfWork.query('SELECT * FROM idempotency_key'));
      expect(kept).toContain('sealed');
      expect(kept).not.toContain(String(first.body['key']).slice(-38, -6));
      expect(kept).not.toContain(key);
    }
  });

  it('remembers when and from where a key was last used, once a minute whoever tells', async () => {
    const { body } = await create({});
    const keyId = String(body['keyId']);
    const consumer = new ApiKeyUsesConsumer(rest.unitOfWork);
    const tell = (...uses: [number, string | null][]) =>
      consumer.onUses(
        uses.map(([second, ip]) => {
          const at = new Date(1.8e12 + second * 1000).toISOString();
          return {
            payload: { keyId, partnerId: rest.ours, at, ip },
          } as unknown as Delivered<ApiKeyUsePayload>;
        }),
      );
    const last = async () => {
      const { lastUsedAt, lastUsedIp } = (await listed(body['id'])) ?? {};
      return [(Date.parse(String(lastUsedAt)) - 1.8e12) / 1000, lastUsedIp];
    };
    await tell([0, '192.0.2.1'], [5, '192.0.2.2']);
    expect(await last()).toEqual([5, '192.0.2.2']);
    await tell([30, '192.0.2.3']);
    await tell([2, '192.0.2.4']);
    expect(await last()).toEqual([5, '192.0.2.2']);
    await tell([65, null]);
    expect(await last()).toEqual([65, null]);
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
    { allowedCidrs: '192.0.2.7' },
    { allowedCidrs: [7] },
    { allowedCidrs: Array(51).fill('192.0.2.7') },
    { secretHash: 'x' },
  ])('answers 400 to %j', async (body) => {
    expect((await create(body)).status).toBe(400);
  });
});
