import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { account, authenticate, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, type Call, type Method, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
const PATH = 'brand-change-requests';
let rest: TestRest;
let root: string;
let [p, s1, s2]: string[] = [];

async function brand(name: string, parentId: string | undefined): Promise<string> {
  return String((await rest.call('POST', 'brands', { body: { name, parentId } })).body['id']);
}
async function customer(name: string, brandId: string | undefined): Promise<number> {
  return Number((await rest.call('POST', 'customers', { body: { name, brandId } })).body['custId']);
}
const ask = (body: object, who: Call = {}): Promise<Answer> => rest.call('POST', PATH, { ...who, body });
const execute = (id: unknown): Promise<Answer> =>
  rest.call('POST', `${PATH}/${String(id)}/execute`, { role: 'platform-operator' });
const brandsOf = async (): Promise<unknown> =>
  (await rest.call('GET', 'customers?limit=200')).body.items?.map(({ custId, brandId }) => [custId, brandId]);

/** Below the root P with S1 and S2 below it, all new for each test. */
beforeEach(async () => {
  await rest?.close();
  rest = await TestRest.start();
  root = String((await rest.call('GET', 'brands')).body['id']);
  p = await brand('P', root);
  [s1, s2] = [await brand('S1', p), await brand('S2', p)];
});
afterAll(() => rest.close());

describe('a conversion', () => {
  it('moves every customer out of the brand at once, with its ids, and tells all services (A21)', async () => {
    const [a, b] = [await customer('A', p), await customer('B', p)];
    const account = await rest.call('POST', 'accounts', { body: { custId: a, username: 'host-a' } });
    const targets = [{ custId: a, brandId: s1 }, { custId: b, brandId: s2 }]; // prettier-ignore
    const asked = await ask({ kind: 'conversion', brandId: p, targets, note: 'please' });
    expect(asked).toMatchObject({ status: 201, body: { state: 'requested', executedAt: null } });
    expect(await brandsOf()).toEqual([[a, p], [b, p]]); // prettier-ignore
    expect((await execute(asked.body['id'])).body).toMatchObject({ state: 'executed' });
    expect(await brandsOf()).toEqual([[a, s1], [b, s2]]); // prettier-ignore
    const told = await rest.published('accounts.customers.v1', `${rest.ours}:${a}`);
    expect(told.at(-1)).toMatchObject({ custId: a, brandId: s1 });
    const accountNo = String(account.body['accountNo']);
    expect((await rest.published('accounts.accounts.v1', accountNo)).at(-1)).toMatchObject({ brandId: s1 });
    expect((await rest.call('GET', 'brands')).body).toMatchObject({
      children: [{ id: p, children: [{}, {}] }],
    });
  });

  it('names every customer without a target, and moves nothing (A21)', async () => {
    const [a, b] = [await customer('A', p), await customer('B', p)];
    const asked = await ask({ kind: 'conversion', brandId: p, targets: [{ custId: a, brandId: s1 }] });
    expect(asked).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/targets', rule: 'complete' }] },
    });
    expect(JSON.stringify(asked.body.errors)).toContain(String(b));
  });

  it('that a new customer made incomplete is refused when it is carried out, whole', async () => {
    const a = await customer('A', p);
    const asked = await ask({ kind: 'conversion', brandId: p, targets: [{ custId: a, brandId: s1 }] });
    const late = await customer('Late', p);
    expect((await execute(asked.body['id'])).status).toBe(422);
    expect(await brandsOf()).toEqual([[a, p], [late, p]]); // prettier-ignore
    expect((await rest.call('GET', PATH)).body.items).toMatchObject([{ state: 'requested' }]);
  });

  it('takes brands below the converted one alone as targets (A21)', async () => {
    const a = await customer('A', p);
    const elsewhere = await brand('Elsewhere', root);
    for (const brandId of [root, p, elsewhere, randomUUID()]) {
      const asked = await ask({ kind: 'conversion', brandId: p, targets: [{ custId: a, brandId }] });
      expect(asked).toMatchObject({ status: 422, body: { errors: [{ pointer: '/targets/0/brandId' }] } });
    }
  });

  it('of a converted brand does nothing, a second time as well (A21)', async () => {
    const asked = await ask({ kind: 'conversion', brandId: p });
    expect([(await execute(asked.body['id'])).status, (await execute(asked.body['id'])).status]).toEqual([
      200, 200,
    ]);
  });

  it('is carried out by operators alone (A22), who see the requests of all partners', async () => {
    const asked = await ask({ kind: 'conversion', brandId: p });
    for (const role of ['partner-senior-manager', 'partner-senior-it-manager', 'partner-api'] as const)
      expect((await rest.call('POST', `${PATH}/${String(asked.body['id'])}/execute`, { role })).status).toBe(
        403,
      );
    const operator = { role: 'platform-operator' } as const;
    expect((await rest.call('GET', `${PATH}?total=true`, operator)).body).toMatchObject({
      items: [{ id: asked.body['id'], partnerId: rest.ours }],
      total: 1,
    });
    expect((await rest.call('GET', PATH, { partnerId: rest.theirs })).body.items).toEqual([]);
    expect((await execute(randomUUID())).status).toBe(404);
  });

  it('leaves the rights of an account of the brand where they were (A24)', async () => {
    const own = await customer('The partnership itself', p);
    const body = { custId: own, username: 'p-api', role: 'partner-api' };
    const { accountNo } = (await rest.call('POST', 'accounts', { body })).body;
    const asked = await ask({ kind: 'conversion', brandId: p, targets: [{ custId: own, brandId: s1 }] });
    await execute(asked.body['id']);
    expect(
      await rest.unitOfWork.query('SELECT scope_brand_id FROM account WHERE account_no = $1', [accountNo]),
    ).toEqual([{ scope_brand_id: p }]);
  });

  it('shows an account of the brand all that hangs below it, and gives its login to nobody of a sub-brand (A24)', async () => {
    const own = await customer('The partnership itself', p);
    const [api, user] = [
      await account(rest, 'partner-api', { custId: own }),
      await account(rest, 'power-user', { custId: own }),
    ];
    const brandOf = async (): Promise<unknown> =>
      (
        await authenticate(rest, {
          kind: 'basic',
          username: api.username,
          secret: api.password,
          ip: '192.0.2.7',
        })
      ).body['brandId'];
    expect(await brandOf()).toBe(p);
    const asked = await ask({ kind: 'conversion', brandId: p, targets: [{ custId: own, brandId: s1 }] });
    await execute(asked.body['id']);
    expect(await brandOf()).toBe(p);
    const manager = await account(rest, 'partner-senior-manager', { custId: await customer('in1', s1) });
    const below = new Browser(rest);
    await below.logIn(manager);
    expect((await below.identity()).brandId).toBe(s1);
    expect((await below.call('GET', `accounts/${api.accountNo}`)).status).toBe(200);
    const impersonate = ({ accountNo }: TestAccount) =>
      below.call('POST', 'impersonation', { accountNo, reason: 'ticket' });
    const random = { randomPassword: true };
    for (const refused of [
      await impersonate(api),
      await below.call('POST', `accounts/${api.accountNo}/password`, random),
      await below.call('PUT', `accounts/${api.accountNo}/role`, { role: 'power-user' }, { 'if-match': '*' }),
      await below.call(
        'PUT',
        `accounts/${user.accountNo}/role`,
        { role: 'partner-api' },
        { 'if-match': '*' },
      ),
      await below.call('DELETE', `accounts/${api.accountNo}`, undefined, { 'if-match': '*' }),
    ])
      expect(refused.status).toBe(404);
    expect((await below.call('POST', `accounts/${user.accountNo}/password`, random)).status).toBe(200);
    const end = new Browser(rest);
    expect((await impersonate(user)).status).toBe(201);
    expect((await end.logIn(user)).status).toBe(401);
    expect(await below.identity()).toMatchObject({
      role: 'power-user',
      brandId: s1,
      accountNo: user.accountNo,
    });
  });
});

describe('a move', () => {
  it('hangs a brand elsewhere with all below it, and tells the path of each', async () => {
    const deep = await brand('Deep', s1);
    const asked = await ask({ kind: 'move', brandId: s1, parentId: s2 });
    await execute(asked.body['id']);
    const tree = (await rest.call('GET', 'brands')).body;
    expect(tree).toMatchObject({
      children: [{ id: p, children: [{ id: s2, children: [{ id: s1, children: [{ id: deep }] }] }] }],
    });
    expect((await rest.published('accounts.brands.v1', deep)).at(-1)).toMatchObject({
      path: [root, p, s2, s1, deep],
    });
  });

  it.each([
    ['a cycle', () => ({ brandId: p, parentId: s1 }), 'cycle'],
    ['itself as parent', () => ({ brandId: p, parentId: p }), 'cycle'],
    ['the root', () => ({ brandId: root, parentId: p }), 'root'],
    ['an unknown parent', () => ({ brandId: s1, parentId: randomUUID() }), 'exists'],
    ['nothing to move', () => ({ brandId: s1 }), 'required'],
  ])('refuses %s (A17)', async (_name, wish, rule) => {
    const asked = await ask({ kind: 'move', ...wish() });
    expect(asked).toMatchObject({ status: 422, body: { errors: [{ rule }] } });
  });

  it('knows no brand and no customer of another partner', async () => {
    const theirs = await rest.call('GET', 'brands', { partnerId: rest.theirs });
    const brandId = theirs.body['id'];
    expect((await ask({ kind: 'conversion', brandId })).status).toBe(404);
    expect((await ask({ kind: 'move', brandId: s1, parentId: brandId })).status).toBe(422);
    const stranger = await rest.call('POST', 'customers', {
      partnerId: rest.theirs,
      body: { name: 'X', custId: 77 },
    });
    expect(stranger.status).toBe(201);
    const targets = [{ custId: 77, brandId: s2 }];
    expect((await ask({ kind: 'move', brandId: s1, targets })).status).toBe(422);
  });

  it('of two that would make a cycle together lets one through', async () => {
    const first = await ask({ kind: 'move', brandId: s1, parentId: s2 });
    const second = await ask({ kind: 'move', brandId: s2, parentId: s1 });
    const answers = await Promise.all([execute(first.body['id']), execute(second.body['id'])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });
});

describe('what is seen below a brand (A18 to A20)', () => {
  const MANY: [Method, string][] = [
    ['GET', 'customers?total=true'],
    ['GET', 'accounts?total=true'],
    ['GET', 'psa/connectwise/customer-map?total=true'],
  ];

  it('is its own and its sub-brands’, in lists, counts and one by one', async () => {
    const [inP, in1, in2] = [await customer('inP', p), await customer('in1', s1), await customer('in2', s2)];
    for (const custId of [inP, in1, in2])
      await rest.call('POST', 'accounts', { body: { custId, username: `u${custId}` } });
    const off = { body: { enabled: false }, ifMatch: '*' };
    expect((await rest.call('PUT', 'psa/connectwise/settings', off)).status).toBe(200);
    const seen = async (brandId: string | undefined, path: string): Promise<unknown[]> => {
      const { body, status } = await rest.call('GET', path, {
        role: 'partner-api',
        ...(brandId && { brandId }),
      });
      expect([path, status, body]).toMatchObject([path, 200, {}]);
      expect(body['total']).toBe(body.items?.length);
      return body.items?.map(({ custId }) => custId) ?? [];
    };
    for (const [, path] of MANY) {
      expect([path, await seen(p, path)]).toEqual([path, [inP, in1, in2]]);
      expect(await seen(s1, path)).toEqual([in1]);
    }
    const as1 = { role: 'partner-senior-manager', brandId: String(s1) } as const;
    expect((await rest.call('GET', 'brands', as1)).body).toEqual({
      id: s1,
      name: 'S1',
      parentId: null,
      requireSecondFactor: null,
      isSecondFactorRequired: false,
      support: null,
      children: [],
    });
    for (const path of [`customers/${inP}`, `customers/${in2}`, `brands/${p}`, `brands/${s2}`])
      expect((await rest.call('GET', path, as1)).status).toBe(404);
    expect(
      (await rest.call('PATCH', `customers/${in2}`, { ...as1, ifMatch: '*', body: { name: 'x' } })).status,
    ).toBe(404);
    expect(
      (await rest.call('POST', 'accounts', { ...as1, body: { custId: in2, username: 'mine' } })).status,
    ).toBe(404);
  });

  it('is where new things go, and never further', async () => {
    const as1 = { brandId: String(s1) };
    expect((await rest.call('POST', 'customers', { ...as1, body: { name: 'New' } })).body).toMatchObject({
      brandId: s1,
    });
    expect(
      (await rest.call('POST', 'customers', { ...as1, body: { name: 'New', brandId: s2 } })).status,
    ).toBe(404);
    expect((await rest.call('POST', 'brands', { ...as1, body: { name: 'Up', parentId: p } })).status).toBe(
      404,
    );
    expect((await rest.call('POST', 'api-keys', { ...as1, body: { name: 'k' } })).body).toMatchObject({
      brandId: s1,
    });
    expect((await rest.call('POST', 'api-keys', { ...as1, body: { name: 'k', brandId: p } })).status).toBe(
      404,
    );
    expect((await rest.call('GET', 'api-keys', as1)).body.items).toHaveLength(1);
    expect((await rest.call('GET', 'psa/autotask/connection', as1)).status).toBe(403);
  });

  it('to an end user is the own account', async () => {
    const custId = await customer('in1', s1);
    const own = await rest.call('POST', 'accounts', { body: { custId, username: 'own' } });
    await rest.call('POST', 'accounts', { body: { custId, username: 'other' } });
    const user = {
      role: 'power-user',
      brandId: String(s1),
      accountNo: Number(own.body['accountNo']),
    } as const;
    expect((await rest.call('GET', 'accounts?total=true', user)).body).toMatchObject({
      items: [{ username: 'own' }],
      total: 1,
    });
    expect((await rest.call('GET', 'customers', user)).status).toBe(403);
    expect((await rest.call('GET', 'accounts', { role: 'power-user' })).status).toBe(403);
  });
});
