import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Role, ROLES } from '@backhaul/http';
import { type Call, type Method, TestRest } from './testing/rest.js';

jest.setTimeout(120_000);

/** Where a thing stands, seen from the brand of who asks. */
const RELATIONS = ['own', 'child', 'grandchild', 'sibling', 'parent', 'other partner', 'deleted'] as const;
type Relation = (typeof RELATIONS)[number];
interface Thing {
  brandId: string;
  custId: number;
  accountNo: number;
  apiKeyId: string;
}

const SENIOR: Role[] = ['partner-senior-manager'];
const MANAGERS: Role[] = [...SENIOR, 'partner-senior-it-manager'];
const CREATORS: Role[] = [...MANAGERS, 'partner-senior-customer-service'];
const CHANGERS: Role[] = [...CREATORS, 'partner-customer-service'];
const READERS: Role[] = [...CHANGERS, 'partner-read-only', 'partner-api'];
const MAP: Role[] = [...MANAGERS, 'partner-read-only', 'partner-api'];

/**
 * Every route of this service: what it is about, who may, with which body. Changes go without If-Match: who may make
 * one is told so by 428, and nothing is changed for the next who asks.
 */
const ROUTES: [Method, string, (thing: Thing) => string, Role[], object?][] = [
  ['GET', 'brands/{id}', ({ brandId }) => `brands/${brandId}`, READERS],
  ['PATCH', 'brands/{id}', ({ brandId }) => `brands/${brandId}`, MANAGERS, { name: 'x' }],
  ['GET', 'customers/{custId}', ({ custId }) => `customers/${custId}`, READERS],
  ['PATCH', 'customers/{custId}', ({ custId }) => `customers/${custId}`, CREATORS, { name: 'x' }],
  ['DELETE', 'customers/{custId}', ({ custId }) => `customers/${custId}`, MANAGERS],
  ['GET', 'accounts/{no}', ({ accountNo }) => `accounts/${accountNo}`, [...READERS, 'power-user']],
  ['PATCH', 'accounts/{no}', ({ accountNo }) => `accounts/${accountNo}`, [...CHANGERS, 'power-user'], { hostName: 'x' }],
  ['DELETE', 'accounts/{no}', ({ accountNo }) => `accounts/${accountNo}`, CREATORS],
  ['POST', 'api-keys/{id}/rotate', ({ apiKeyId }) => `api-keys/${apiKeyId}/rotate`, SENIOR],
  ['PATCH', 'psa/{provider}/customer-map/{custId}', ({ custId }) => `psa/autotask/customer-map/${custId}`, MANAGERS, { contractId: '1' }],
]; // prettier-ignore
/** Without a hole for the body: the test would take the runner's callback for it. */
const ONE = ROUTES.map(
  ([method, path, pathOf, allowed, body]) => [method, path, pathOf, allowed, body ?? null] as const,
);
/** What they list, by the field that names it. */
const LISTS: [string, keyof Thing, Role[]][] = [
  ['customers', 'custId', READERS],
  ['accounts', 'accountNo', [...READERS, 'power-user']],
  ['psa/autotask/customer-map', 'custId', MAP],
];

/** The whole policy: a role that may, and a thing at or below the brand; an end user has the one account. */
function expected(role: Role, allowed: readonly Role[], relation: Relation): 'denied' | 'hidden' | 'seen' {
  if (!allowed.includes(role)) return 'denied';
  if (role === 'power-user') return relation === 'own' ? 'seen' : 'hidden';
  return ['own', 'child', 'grandchild'].includes(relation) ? 'seen' : 'hidden';
}
const outcomeOf = (status: number): string => ({ 403: 'denied', 404: 'hidden' })[status] ?? 'seen';

let rest: TestRest;
const things = {} as Record<Relation, Thing>;
const asCaller = (role: Role): Call => ({
  role,
  brandId: things.own.brandId,
  ...(role === 'power-user' && { accountNo: things.own.accountNo }),
});
async function make(name: string, parentId: string, who: Call = {}): Promise<Thing> {
  const post = async (path: string, body: object) => (await rest.call('POST', path, { ...who, body })).body;
  const brandId = String((await post('brands', { name, parentId }))['id']);
  const custId = Number((await post('customers', { name, brandId }))['custId']);
  const accountNo = Number((await post('accounts', { custId, username: `${name}-host` }))['accountNo']);
  return { brandId, custId, accountNo, apiKeyId: String((await post('api-keys', { name, brandId }))['id']) };
}
const rootOf = async (who: Call = {}): Promise<string> =>
  String((await rest.call('GET', 'brands', who)).body['id']);

beforeAll(async () => {
  rest = await TestRest.start();
  things.parent = await make('parent', await rootOf());
  things.own = await make('own', things.parent.brandId);
  things.sibling = await make('sibling', things.parent.brandId);
  things.child = await make('child', things.own.brandId);
  things.grandchild = await make('grandchild', things.child.brandId);
  const theirs = { partnerId: rest.theirs };
  things['other partner'] = await make('theirs', await rootOf(theirs), theirs);
  things.deleted = { brandId: things.parent.brandId.replace(/.$/, 'f'), custId: 1, accountNo: 1, apiKeyId: things.own.apiKeyId.replace(/.{4}$/, 'ffff') }; // prettier-ignore
  const body = { enabled: false };
  for (const who of [{}, theirs])
    await rest.call('PUT', 'psa/autotask/settings', { ...who, body, ifMatch: '*' });
});
afterAll(() => rest.close());

describe('everybody at everything', () => {
  it.each(ONE)('%s %s', async (method, _route, pathOf, allowed, body) => {
    const wrong: string[] = [];
    for (const role of ROLES)
      for (const relation of RELATIONS) {
        const answer = await rest.call(method, pathOf(things[relation]), {
          ...asCaller(role),
          ...(body && { body }),
        });
        const [found, policy] = [outcomeOf(answer.status), expected(role, allowed, relation)];
        if (found !== policy) wrong.push(`${role}, ${relation}: ${found}, not ${policy}`);
        if (answer.status === 404)
          expect(JSON.stringify(answer.body)).not.toMatch(/own|child|sibling|parent|theirs/);
      }
    expect(wrong).toEqual([]);
  });

  it.each(LISTS)('%s lists and counts what may be seen, and nothing else', async (path, field, allowed) => {
    for (const role of ROLES) {
      const { status, body } = await rest.call('GET', `${path}?total=true&limit=200`, asCaller(role));
      const policy = RELATIONS.filter((relation) => expected(role, allowed, relation) === 'seen');
      if (!allowed.includes(role)) {
        expect([role, status]).toEqual([role, 403]);
        continue;
      }
      const seen = body.items?.map((item) => item[field]).sort();
      expect([role, seen, body['total']]).toEqual([
        role,
        policy.map((relation) => things[relation][field]).sort(),
        policy.length,
      ]);
    }
  });

  it('a foreign id and one that never was are answered alike, word for word', async () => {
    for (const [method, , pathOf, , body] of ONE) {
      const ask = async (relation: Relation): Promise<object> => {
        const answer = await rest.call(method, pathOf(things[relation]), {
          ...asCaller('partner-senior-manager'),
          ...(body && { body }),
        });
        const { instance: _instance, requestId: _requestId, ...said } = answer.body;
        return { status: answer.status, etag: answer.etag, said };
      };
      const never = await ask('deleted');
      expect([method, await ask('other partner'), await ask('sibling')]).toEqual([method, never, never]);
    }
  });

  it('holds every route with an id, so that a new one is not forgotten', async () => {
    const { paths } = JSON.parse((await rest.http.fastify.inject('/openapi.json')).body) as {
      paths: Record<string, object>;
    };
    const served = Object.entries(paths)
      .filter(([path]) => /\{(id|custId|no)\}/.test(path))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1/', '')}`),
      );
    const elsewhere = new Set([
      // One's own, and by the power of the account it is about; `sessions.db.spec.ts`, `credentials.db.spec.ts`, `end-logins.db.spec.ts`.
      'DELETE sessions/{id}',
      'DELETE me/passkeys/{id}',
      'POST accounts/{no}/password',
      'PUT accounts/{no}/role',
      'DELETE accounts/{no}/sessions',
      'DELETE accounts/{no}/mfa',
      // It would end the key for the next who asks; `api-keys.db.spec.ts`.
      'DELETE api-keys/{id}',
      // For operators alone; `brand-changes.db.spec.ts` and `egress-approvals.db.spec.ts`.
      'POST brand-change-requests/{id}/execute',
      'DELETE egress-approvals/{id}',
    ]);
    const known = new Set(ONE.map(([method, path]) => `${method} ${path}`));
    expect(served.filter((route) => !known.has(route) && !elsewhere.has(route))).toEqual([]);
  });
});
