import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Role, ROLES } from '@backhaul/http';
import { AUTOTASK, CONNECTWISE, type Method, TestRest } from './testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
  await rest.connected('connectwise', CONNECTWISE);
  await rest.connected('autotask', AUTOTASK);
});
afterAll(() => rest.close());

const SENIOR: Role[] = ['partner-senior-manager'];
const MANAGERS: Role[] = [...SENIOR, 'partner-senior-it-manager'];
const CREATORS: Role[] = [...MANAGERS, 'partner-senior-customer-service'];
const CHANGERS: Role[] = [...CREATORS, 'partner-customer-service'];
const READERS: Role[] = [...CHANGERS, 'partner-read-only', 'partner-api'];
const MAP_READERS: Role[] = [...MANAGERS, 'partner-read-only', 'partner-api'];
const OPERATORS: Role[] = ['platform-operator'];
const ID = randomUUID();

/** Every route of the service; a body makes it one that takes JSON. */
const ROUTES: [Method, string, Role[], object?][] = [
  ['GET', 'audit', SENIOR],
  ['GET', 'audit/verify', SENIOR],
  ['GET', 'brands', READERS],
  ['GET', `brands/${ID}`, READERS],
  ['POST', 'brands', MANAGERS, { name: 'X', parentId: ID }],
  ['PATCH', `brands/${ID}`, MANAGERS, { name: 'X', requireSecondFactor: true }],
  ['GET', 'brand-change-requests', [...SENIOR, 'platform-operator']],
  ['POST', 'brand-change-requests', SENIOR, { kind: 'conversion', brandId: ID }],
  ['POST', `brand-change-requests/${ID}/execute`, ['platform-operator']],
  ['GET', 'partners', OPERATORS],
  ['POST', `partners/${ID}/suspend`, OPERATORS, { reason: 'x' }],
  ['POST', `partners/${ID}/restore`, OPERATORS, { reason: 'x' }],
  ['GET', 'customers', READERS],
  ['GET', 'customers/9999', READERS],
  ['POST', 'customers', CREATORS, { name: 'X' }],
  ['PATCH', 'customers/9999', CREATORS, { name: 'X' }],
  ['DELETE', 'customers/9999', MANAGERS],
  ['GET', 'accounts', READERS],
  ['GET', 'accounts/9999', READERS],
  ['POST', 'accounts', CREATORS, { custId: 9999, username: 'x' }],
  ['PATCH', 'accounts/9999', CHANGERS, { hostName: 'X' }],
  ['DELETE', 'accounts/9999', CREATORS],
  ['GET', 'api-keys', SENIOR],
  ['POST', 'api-keys', SENIOR, { name: 'X' }],
  ['POST', `api-keys/${ID}/rotate`, SENIOR],
  ['DELETE', `api-keys/${ID}`, SENIOR],
  ['GET', 'access-tokens', SENIOR],
  ['POST', 'access-tokens', SENIOR, { name: 'X', kind: 'api_methods' }],
  ['DELETE', `access-tokens/${ID}`, SENIOR],
  ['GET', 'impersonation-policy', SENIOR],
  ['PUT', 'impersonation-policy', SENIOR, { isAllowed: true }],
  ['GET', 'psa/providers', SENIOR],
  ['GET', 'psa/autotask/connection', SENIOR],
  ['PUT', 'psa/autotask/connection', SENIOR, { username: 'x' }],
  ['DELETE', 'psa/autotask/connection', SENIOR],
  ['POST', 'psa/jira/connection/test', SENIOR],
  ['GET', 'egress-approvals', OPERATORS],
  ['POST', 'egress-approvals', OPERATORS, { partnerId: ID, provider: 'autotask', target: 'x.local', port: 1, reason: 'x' }], // prettier-ignore
  ['DELETE', `egress-approvals/${ID}`, OPERATORS],
  ['GET', 'psa/autotask/settings', SENIOR],
  ['PUT', 'psa/autotask/settings', SENIOR, { enabled: false }],
  ['GET', 'psa/autotask/customer-map', MAP_READERS],
  ['PUT', 'psa/autotask/customer-map', MANAGERS, { items: [] }],
  ['PATCH', 'psa/autotask/customer-map/9999', MANAGERS, { psaCompanyId: '1' }],
  ['GET', 'dead-letters', [...MAP_READERS, ...OPERATORS]],
  ['GET', `dead-letters/${ID}`, [...MAP_READERS, ...OPERATORS]],
  ['POST', `dead-letters/${ID}/replay`, [...MANAGERS, ...OPERATORS]],
  ['POST', `dead-letters/${ID}/discard`, [...MANAGERS, ...OPERATORS], { reason: 'xyz' }],
];
const WRITES = ROUTES.filter(([, , , body]) => body !== undefined);
type Row = [string, Method, string, Role[], object | null];
const named = (routes: typeof ROUTES): Row[] =>
  routes.map(([method, path, roles, body]) => [
    `${method} ${path.replace(ID, ':id')}`,
    method,
    path,
    roles,
    body ?? null,
  ]);

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('every route', () => {
  it('is in this table', () => {
    const { paths } = { paths: rest.http.fastify.printRoutes({ commonPrefix: false, includeHooks: false }) };
    // What needs a session has specs of its own.
    const known = new Set<string | undefined>([
      'session',
      'sessions',
      'tokens',
      'me',
      'impersonation',
      'password-resets',
    ]);
    for (const [, path] of ROUTES) known.add(path.split('/')[0] ?? '');
    const served = [...paths.matchAll(/api\/v1\/([a-z-]+)/g)].map(([, first]) => first);
    expect([...new Set(served)].filter((first) => !known.has(first))).toEqual([]);
  });

  it.each(named(ROUTES))('%s is for its roles alone (403)', async (_name, method, path, allowed, body) => {
    for (const role of ROLES) {
      const { status } = await rest.call(method, path, { role, ...(body && { body }) });
      expect([role, status === 403]).toEqual([role, !allowed.includes(role)]);
      expect(status).toBeLessThan(500);
    }
  });

  it.each(named(ROUTES))('%s wants a principal (401)', async (_name, method, path) => {
    const answer = await rest.http.fastify.inject({ method, url: `/api/v1/${path}` });
    expect(answer.statusCode).toBe(401);
  });

  it.each(named(WRITES))('%s refuses what is no good JSON', async (_name, method, path, [role], body) => {
    const send = async (text: unknown, type?: string): Promise<number> =>
      (
        await rest.call(method, path, {
          body: text,
          ifMatch: '"x"',
          ...(role && { role }),
          ...(type !== undefined && { type }),
        })
      ).status;
    const good = JSON.stringify(body);
    const wrong = {
      truncated: await send(good.slice(0, -1)),
      aList: await send([]),
      text: await send('"x"'),
      nothing: await send('null'),
      unknownField: await send({ ...body, surprise: 1 }),
      proto: await send(`{"__proto__":{},${good.slice(1)}`),
      twice: await send(`{"a":1,"a":2}`),
      deep: await send(`{"a":${deep(60)}}`),
      nul: await send(`{"a":"\\u0000"}`),
    };
    expect(wrong).toEqual(Object.fromEntries(Object.keys(wrong).map((name) => [name, 400])));
    expect(await send('x'.repeat(2_000_000))).toBe(413);
    expect(await send('name=x', 'application/x-www-form-urlencoded')).toBe(415);
    const typed = Object.keys(body ?? {}).map((name) => ({ ...body, [name]: { odd: true } }));
    for (const one of typed) expect(await send(one)).toBe(400);
  });

  it('answers 400 to ids that are none', async () => {
    const paths = [
      'customers/x',
      'customers/0',
      'customers/-1',
      'customers/1e3',
      'accounts/99999999999999999999',
    ];
    for (const path of [...paths, 'brands/x', 'psa/autotask/customer-map/x']) {
      const method = path.startsWith('psa') ? 'PATCH' : 'GET';
      const answer = await rest.call(method, path, method === 'PATCH' ? { body: {}, ifMatch: '"x"' } : {});
      expect([path, answer.status]).toEqual([path, 400]);
    }
    expect((await rest.call('GET', 'customers/9007199254740991')).status).toBe(404);
    expect((await rest.call('GET', 'accounts/9007199254740991')).status).toBe(404);
  });

  it.each(['', 'a b', 'x'.repeat(201), 'ü'])('answers 400 to the Idempotency-Key %j', async (key) => {
    expect((await rest.call('POST', 'customers', { body: { name: 'X' }, key })).status).toBe(400);
  });

  it('hides what belongs to another partner behind 404', async () => {
    const { custId, etag } = await rest.customer();
    const body = { custId, username: 'of-ours' };
    const account = await rest.call('POST', 'accounts', { body });
    const foreign = { partnerId: rest.theirs, ifMatch: etag };
    for (const path of [`customers/${custId}`, `accounts/${String(account.body['accountNo'])}`]) {
      expect((await rest.call('GET', path, foreign)).status).toBe(404);
      expect((await rest.call('PATCH', path, { ...foreign, body: {} })).status).toBe(404);
      expect((await rest.call('DELETE', path, foreign)).status).toBe(404);
      expect((await rest.call('GET', path)).status).toBe(200);
    }
    expect((await rest.call('GET', 'psa/autotask/connection', foreign)).body['isConfigured']).toBe(false);
    expect((await rest.call('POST', 'psa/autotask/connection/test', foreign)).status).toBe(404);
  });
});
