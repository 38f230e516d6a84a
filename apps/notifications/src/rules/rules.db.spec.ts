import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EVENT_TYPES, type PartnerId, wholePartner } from '@backhaul/domain';
import {
  createHttpApp,
  type HttpApp,
  PRINCIPAL_HEADER,
  type Role,
  programIdentity,
  signPrincipal,
} from '@backhaul/http';
import { Publisher, createKafka } from '@backhaul/messaging';
import { OutboxSource, Relay } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { AppModule } from '../app.module.js';
import { PARTNER } from '../testing/builders.js';
import { TestSystem } from '../testing/system.js';
import { RULE_ACTIONS } from './rule.js';

jest.setTimeout(30_000);
const KEY = 'k'.repeat(32);
const OTHER = '01920000-0000-7000-8000-000000000002' as PartnerId;
const PATH = '/api/v1/notification-rules';

let system: TestSystem;
let http: HttpApp;
beforeAll(async () => {
  system = await TestSystem.start();
  const { dataSource } = system.database;
  // Neither is started: this suite speaks HTTP alone.
  const publisher = new Publisher(createKafka({ brokers: ['127.0.0.1:1'], clientId: 'none' }));
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  http = await createHttpApp(AppModule.with({ ...system.parts, relay }), {
    name: 'notifications',
    host: '127.0.0.1',
    port: 0,
    managementPort: 0,
    logger: createLogger({ service: 'notifications', level: 'silent' }),
    serviceTokenKey: KEY,
  });
});
afterAll(async () => {
  await http.app.close();
  await system.close();
});
beforeEach(() => system.empty());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown> & { errors?: { pointer: string; rule: string }[] };
}
interface Call {
  body?: unknown;
  partnerId?: PartnerId;
  role?: Role;
  headers?: Record<string, string>;
}

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  options: Call = {},
): Promise<Answer> {
  const { partnerId = PARTNER, role = 'partner-senior-manager', headers = {}, body } = options;
  const principal = programIdentity({ partnerId, role, scopes: [], subject: 'key:test' });
  const answer = await http.fastify.inject({
    method,
    url,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(KEY, principal, 'notifications'),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.payload === '' ? {} : (JSON.parse(answer.payload) as Answer['body']),
  };
}

const rule = (over: object = {}): Record<string, unknown> => ({
  name: 'Tickets',
  action: 'open_connectwise_ticket',
  severities: { ok: false, warning: true, error: true },
  allEventTypes: true,
  eventTypes: [],
  scope: {},
  enabled: true,
  ...over,
});
const pointersOf = ({ body }: Answer): string[] => (body.errors ?? []).map(({ pointer }) => pointer);
const etagOf = ({ headers }: Answer): string => String(headers['etag']);

describe('notification rules over REST', () => {
  it('keeps what a rule waits for, and says which part of it is wrong', async () => {
    const waits = { after: { count: 3 }, flapping: { changes: 4, withinMinutes: 60 } };
    const made = await call('POST', PATH, { body: rule(waits) });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining(waits)]);
    const url = `${PATH}/${String(made.body['id'])}`;
    expect((await call('GET', url)).body).toEqual(made.body);
    const without = { headers: { 'if-match': '*' }, body: rule({ after: null }) };
    expect((await call('PUT', url, without)).body).not.toHaveProperty('after');
    for (const [over, refused] of [
      [{ after: { count: 1 } }, '400 /after/count'],
      [{ after: { minutes: 'many' } }, '400 /after/minutes'],
      [{ after: {} }, '422 /after'],
      [{ flapping: { changes: 3 } }, '400 /flapping/withinMinutes'],
      [{ action: 'sync_autotask', flapping: waits.flapping }, '422 /flapping'],
    ] as const) {
      const answer = await call('POST', PATH, { body: rule(over) });
      expect(pointersOf(answer).map((pointer) => `${answer.status} ${pointer}`)).toContain(refused);
    }
  });

  it('keeps when one ticket is to tell of many accounts, and says which part of it is wrong', async () => {
    const siteOutage = { accounts: 3, withinMinutes: 10 };
    const made = await call('POST', PATH, { body: rule({ siteOutage }) });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ siteOutage })]);
    const url = `${PATH}/${String(made.body['id'])}`;
    expect((await call('GET', url)).body).toEqual(made.body);
    const without = { headers: { 'if-match': '*' }, body: rule({ siteOutage: null }) };
    expect((await call('PUT', url, without)).body).not.toHaveProperty('siteOutage');
    expect((await call('GET', url)).body).not.toHaveProperty('siteOutage');
    for (const [over, refused] of [
      [{ siteOutage: { accounts: 1, withinMinutes: 10 } }, '400 /siteOutage/accounts'],
      [{ siteOutage: { accounts: 101, withinMinutes: 10 } }, '400 /siteOutage/accounts'],
      [{ siteOutage: { accounts: 3, withinMinutes: 121 } }, '400 /siteOutage/withinMinutes'],
      [{ siteOutage: { accounts: 3, withinMinutes: 0 } }, '400 /siteOutage/withinMinutes'],
      [{ siteOutage: { accounts: 3 } }, '400 /siteOutage/withinMinutes'],
      [{ siteOutage: { ...siteOutage, minutes: 1 } }, '400 /siteOutage/minutes'],
      [{ siteOutage: true }, '400 /siteOutage'],
      [{ action: 'sync_autotask', siteOutage }, '422 /siteOutage'],
    ] as const) {
      const answer = await call('POST', PATH, { body: rule(over) });
      expect(pointersOf(answer).map((pointer) => `${answer.status} ${pointer}`)).toContain(refused);
    }
  });

  it('creates, shows, lists, replaces and removes a rule (F1, F9, D42)', async () => {
    const created = await call('POST', PATH, { body: rule() });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.any(String),
      ...rule(),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      warnings: [],
    });
    const url = `${PATH}/${String(created.body['id'])}`;
    expect(created.headers).toMatchObject({ location: url });

    const shown = await call('GET', url);
    expect([shown.status, shown.body, etagOf(shown)]).toEqual([200, created.body, etagOf(created)]);
    expect((await call('GET', PATH)).body).toEqual({ items: [created.body], nextCursor: null });

    system.clock.advance(1000);
    const changed = rule({
      name: 'Errors',
      severities: { ok: false, warning: false, error: true },
      enabled: false,
    });
    const replaced = await call('PUT', url, { body: changed, headers: { 'if-match': etagOf(created) } });
    expect([replaced.status, replaced.body]).toEqual([
      200,
      { ...created.body, ...changed, updatedAt: expect.any(String) },
    ]);
    expect(replaced.body['updatedAt']).not.toBe(created.body['updatedAt']);
    expect(etagOf(replaced)).not.toBe(etagOf(created));

    const removed = await call('DELETE', url, { headers: { 'if-match': etagOf(replaced) } });
    expect(removed.status).toBe(204);
    expect((await call('GET', url)).status).toBe(404);
  });

  it('accepts figures after some events only, and warns of it wherever the rule is shown (E40)', async () => {
    const severities = { ok: true, warning: true, error: false };
    const made = await call('POST', PATH, { body: rule({ action: 'sync_connectwise', severities }) });
    expect([made.status, made.body['warnings']]).toEqual([
      201,
      [{ pointer: '/severities/error', detail: expect.stringContaining('bills'), rule: 'E40' }],
    ]);
    const { warnings } = made.body;
    expect((await call('GET', `${PATH}/${String(made.body['id'])}`)).body['warnings']).toEqual(warnings);
    expect((await call('GET', PATH)).body['items']).toMatchObject([{ warnings }]);
  });

  it.each(RULE_ACTIONS)('accepts the action %s with its defaults (F2, E36)', async (action) => {
    const defaults = await call('GET', `${PATH}/defaults?action=${action}`);
    expect(defaults.status).toBe(200);
    expect(defaults.body).toMatchObject({
      action,
      severities: { ok: action.startsWith('sync_'), warning: true, error: true },
      allEventTypes: true,
    });
    // No default says whom to call.
    const more = action === 'webhook' ? { webhook: { url: 'https://hooks.example/x' } } : {};
    expect((await call('POST', PATH, { body: { ...defaults.body, ...more } })).status).toBe(201);
  });

  it.each<[string, object, string]>([
    ['another action (F2)', { action: 'open_jira_ticket' }, '/action'],
    ['no name', { name: undefined }, '/name'],
    ['a blank name', { name: ' \t' }, '/name'],
    ['a name too long', { name: 'x'.repeat(201) }, '/name'],
    ['a number for a name', { name: 7 }, '/name'],
    ['no severities', { severities: undefined }, '/severities'],
    ['a list of severities', { severities: [] }, '/severities'],
    ['half the severities', { severities: { ok: true, error: true } }, '/severities/warning'],
    ['a word for a switch', { severities: { ok: 'yes', warning: true, error: true } }, '/severities/ok'],
    [
      'a severity more',
      { severities: { ok: true, warning: true, error: true, fatal: true } },
      '/severities/fatal',
    ],
    ['no word on all types', { allEventTypes: undefined }, '/allEventTypes'],
    ['a type that there is not', { eventTypes: ['backup.teleported'] }, '/eventTypes/0'],
    ['a type that rules never see (T24)', { eventTypes: ['psa.sync.failed'] }, '/eventTypes/0'],
    ['a field more', { colour: 'red' }, '/colour'],
    ['a scope that is a list', { scope: [] }, '/scope'],
    ['a brand that is no id', { scope: { brandIds: ['x'] } }, '/scope/brandIds/0'],
    ['a customer in quotes', { scope: { custIds: ['34826'] } }, '/scope/custIds/0'],
    ['an account below one', { scope: { accountNos: [0] } }, '/scope/accountNos/0'],
    ['an account beyond all numbers', { scope: { accountNos: [2 ** 40] } }, '/scope/accountNos/0'],
  ])('answers 400 to %s', async (_what, over, pointer) => {
    const answer = await call('POST', PATH, { body: rule(over) });
    expect(answer.status).toBe(400);
    expect(pointersOf(answer).some((one) => one.startsWith(pointer) || pointer.startsWith(`${one}/`))).toBe(
      true,
    );
    expect((await call('GET', PATH)).body['items']).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'all three severities No (F6)',
      { severities: { ok: false, warning: false, error: false } },
      '/severities',
    ],
    ['All = No and an empty list (F8)', { allEventTypes: false, eventTypes: [] }, '/eventTypes'],
    ['All = No and no list (F8)', { allEventTypes: false, eventTypes: undefined }, '/eventTypes'],
  ])('answers 422 to %s, on POST and PUT', async (_what, over, pointer) => {
    const refused = await call('POST', PATH, { body: rule(over) });
    expect([refused.status, pointersOf(refused)]).toEqual([422, [pointer]]);
    const stored = await call('POST', PATH, { body: rule() });
    const again = await call('PUT', `${PATH}/${String(stored.body['id'])}`, {
      body: rule(over),
      headers: { 'if-match': etagOf(stored) },
    });
    expect(again.status).toBe(422);
  });

  it('takes each place and each type once, and leaves out what is not said', async () => {
    const scope = { brandIds: [PARTNER.toUpperCase(), PARTNER], custIds: [1, 1] };
    const body = {
      ...rule({ scope, allEventTypes: false, eventTypes: ['disk_usage', 'disk_usage'] }),
      enabled: undefined,
    };
    const { status, body: created } = await call('POST', PATH, { body });
    expect(status).toBe(201);
    expect(created).toMatchObject({
      eventTypes: ['disk_usage'],
      scope: { brandIds: [PARTNER], custIds: [1] },
      enabled: true,
    });
    expect((await call('GET', `${PATH}/${String(created['id'])}`)).body).toEqual(created);
  });

  it('wants If-Match for a change, and the newest one', async () => {
    const stored = await call('POST', PATH, { body: rule() });
    const url = `${PATH}/${String(stored.body['id'])}`;
    const stale = { 'if-match': etagOf(stored) };
    expect((await call('PUT', url, { body: rule() })).status).toBe(428);
    expect((await call('DELETE', url)).status).toBe(428);
    expect((await call('PUT', url, { body: rule({ name: 'new' }), headers: stale })).status).toBe(200);
    expect((await call('PUT', url, { body: rule(), headers: stale })).status).toBe(412);
    expect((await call('DELETE', url, { headers: stale })).status).toBe(412);
    expect((await call('GET', url)).body['name']).toBe('new');
  });

  it('lets one of many changes from the same state win', async () => {
    const stored = await call('POST', PATH, { body: rule() });
    const url = `${PATH}/${String(stored.body['id'])}`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        call('PUT', url, { body: rule({ name: `writer ${n}` }), headers: { 'if-match': etagOf(stored) } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412, 412, 412]);
  });

  it('creates one rule for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await call('POST', PATH, { body: rule(), headers });
    const again = await call('POST', PATH, { body: rule(), headers });
    expect([again.status, again.body, etagOf(again)]).toEqual([201, first.body, etagOf(first)]);
    expect((await call('POST', PATH, { body: rule({ name: 'other' }), headers })).status).toBe(422);
    expect((await call('POST', PATH, { body: rule(), headers, partnerId: OTHER })).body['id']).not.toBe(
      first.body['id'],
    );
    const items = (await call('GET', PATH)).body['items'] as unknown[];
    expect(items).toHaveLength(1);
  });

  it('lets a refused request use its Idempotency-Key again', async () => {
    const headers = { 'idempotency-key': 'refused' };
    expect((await call('POST', PATH, { body: rule({ allEventTypes: false }), headers })).status).toBe(422);
    expect((await call('POST', PATH, { body: rule(), headers })).status).toBe(201);
  });

  it('walks through pages, oldest or newest first, each rule once', async () => {
    const ids: unknown[] = [];
    for (let n = 0; n < 5; n += 1) {
      system.clock.advance(1);
      ids.push((await call('POST', PATH, { body: rule({ name: `rule ${n}` }) })).body['id']);
    }
    for (const [sort, expected] of [
      ['createdAt', ids],
      ['-createdAt', [...ids].reverse()],
    ] as const) {
      const seen: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const { body }: Answer = await call('GET', `${PATH}?limit=2&sort=${sort}${more}`);
        seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id));
        cursor = body['nextCursor'] as string | null;
      }
      expect(seen).toEqual(expected);
    }
    expect((await call('GET', `${PATH}?total=true&limit=1`)).body).toMatchObject({ total: 5 });
  });

  it.each([
    'limit=500',
    'limit=0',
    'limit=x',
    'cursor=nonsense',
    'sort=name',
    'colour=red',
    'limit=1&limit=2',
  ])('answers 400 to the query %s', async (query) => {
    expect((await call('GET', `${PATH}?${query}`)).status).toBe(400);
  });

  it.each(['', '?action=', '?action=open_jira_ticket', '?action=email&action=email'])(
    'answers 400 to defaults%s (F3)',
    async (query) => {
      expect((await call('GET', `${PATH}/defaults${query}`)).status).toBe(400);
    },
  );

  it("answers 404 to another partner's rule as to none at all (D42)", async () => {
    const stored = await call('POST', PATH, { body: rule() });
    const url = `${PATH}/${String(stored.body['id'])}`;
    const other = { partnerId: OTHER, headers: { 'if-match': '*' } };
    for (const answer of [
      await call('GET', url, other),
      await call('PUT', url, { ...other, body: rule() }),
      await call('DELETE', url, other),
      await call('GET', `${PATH}/01920000-0000-7000-8000-00000000dead`),
      await call('GET', `${PATH}/34826`),
    ])
      expect(answer.status).toBe(404);
    expect((await call('GET', PATH, other)).body['items']).toEqual([]);
    expect((await call('GET', url)).status).toBe(200);
  });

  it.each<[Role, number, number]>([
    ['partner-senior-manager', 200, 201],
    ['partner-senior-it-manager', 200, 201],
    ['partner-read-only', 200, 403],
    ['partner-api', 200, 403],
    ['partner-customer-service', 403, 403],
    ['power-user', 403, 403],
  ])('a %s reading gets %d and creating %d', async (role, read, create) => {
    expect((await call('GET', PATH, { role })).status).toBe(read);
    expect((await call('POST', PATH, { role, body: rule() })).status).toBe(create);
  });

  it('answers 401 without a principal', async () => {
    for (const url of [PATH, '/api/v1/event-types'])
      expect((await http.fastify.inject({ method: 'GET', url })).statusCode).toBe(401);
  });

  it('lists every type that a rule may name, with group and default severity (F8, F11)', async () => {
    const { status, body } = await call('GET', '/api/v1/event-types', { role: 'partner-read-only' });
    expect(status).toBe(200);
    const items = body['items'] as { type: string; group: string; defaultSeverity: string }[];
    expect(items.map(({ type }) => type).sort()).toEqual(
      EVENT_TYPES.filter((type) => !/^(psa|result)\./.test(type)).sort(),
    );
    expect(items).toContainEqual({ type: 'backup.failed', group: 'Backup failed', defaultSeverity: 'ERROR' });
  });

  it('describes its addresses in OpenAPI', async () => {
    const answer = await http.fastify.inject({ method: 'GET', url: '/openapi.json' });
    const { paths } = JSON.parse(answer.payload) as { paths: Record<string, object> };
    expect(Object.keys(paths).sort()).toEqual([
      '/api/v1/accounts/{no}/notification-options',
      '/api/v1/dead-letters',
      '/api/v1/dead-letters/{id}',
      '/api/v1/dead-letters/{id}/discard',
      '/api/v1/dead-letters/{id}/replay',
      '/api/v1/event-handlers',
      '/api/v1/event-handlers/{id}',
      '/api/v1/event-handlers/{id}/rotate-secret',
      '/api/v1/event-handlers/{id}/runs',
      '/api/v1/event-types',
      '/api/v1/maintenance-windows',
      '/api/v1/maintenance-windows/{id}',
      '/api/v1/me/notification-options',
      '/api/v1/notification-rules',
      '/api/v1/notification-rules/defaults',
      '/api/v1/notification-rules/preview',
      '/api/v1/notification-rules/{id}',
      '/api/v1/notification-rules/{id}/rotate-secret',
      '/api/v1/silences',
      '/api/v1/silences/{id}',
      '/api/v1/webhook-deliveries',
      '/api/v1/webhook-deliveries/{id}/resend',
    ]);
  });
});

it('leaves an audit entry for each change of a rule that was made, and for none that was refused', async () => {
  await system.empty();
  const rule = await system.createRule();
  const scope = wholePartner(rule.partnerId);
  await system.changeRules.replace(scope, rule.id, '*', { ...rule, enabled: false });
  await expect(system.changeRules.remove(scope, rule.id, '"9"')).rejects.toMatchObject({ status: 412 });
  await system.changeRules.remove(scope, rule.id, '*');
  const rows = await system.unitOfWork.query<{ payload: string }>(
    'SELECT payload FROM outbox ORDER BY xid, seq',
  );
  expect(rows.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject(
    ['rule.create', 'rule.change', 'rule.remove'].map((action) => ({ action, targetId: rule.id })),
  );
});
