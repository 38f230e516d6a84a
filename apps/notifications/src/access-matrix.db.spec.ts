import { afterAll, beforeAll, jest } from '@jest/globals';
import { type AccountNo, type BrandId, type PartnerId, type RuleId, uuidFrom } from '@backhaul/domain';
import { createHttpApp, type HttpApp, type Identity, PRINCIPAL_HEADER, programIdentity, ROLES, signPrincipal } from '@backhaul/http'; // prettier-ignore
import { accessMatrix, letterRoutes, MAY, type MatrixAnswer, type MatrixTables, type Relation, type Things } from '@backhaul/http/testing'; // prettier-ignore
import { createKafka, Publisher } from '@backhaul/messaging';
import { OutboxSource, Relay } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { keepLetter, RESTORE_LETTERS } from '@backhaul/testing';
import { AppModule } from './app.module.js';
import { defaultsFor } from './rules/rule-defaults.js';
import { settingsOut } from './rules/rules.types.js';
import { PARTNER } from './testing/builders.js';
import { TestSystem } from './testing/system.js';
import { DeliveryRepository } from './webhooks/delivery.repository.js';

jest.setTimeout(60_000);
const KEY = 'k'.repeat(32);
const OTHER = uuidFrom('other') as PartnerId;
const SUSPENDED = uuidFrom('suspended') as PartnerId;
const brandOf = (name: string): BrandId => uuidFrom('brand', name) as BrandId;
const PATHS: [PartnerId, string[]][] = [
  [PARTNER, ['parent']],
  [PARTNER, ['parent', 'sibling']],
  [PARTNER, ['parent', 'own']],
  [PARTNER, ['parent', 'own', 'child']],
  [PARTNER, ['parent', 'own', 'child', 'grandchild']],
  [OTHER, ['other partner']],
  [SUSPENDED, ['suspended']],
];

interface Thing {
  id: string;
  handlerId: string;
  silenceId: string;
  windowId: string;
  deliveryId: string;
  name: string;
  accountNo: number;
  letterId: string;
}
/** The account of the end user who asks. */
const OWN = 80_202_028;
const options = ({ accountNo }: Thing): string => `accounts/${accountNo}/notification-options`;
const handler = (name: string): object => ({
  name,
  source: { kind: 'web_request', api: 'nightly' },
  actions: [{ kind: 'webhook', url: 'https://hooks.example/x' }],
});
const handlerOf = ({ handlerId }: Thing): string => `event-handlers/${handlerId}`;
const rule = (name: string): object => ({ ...settingsOut(defaultsFor('open_connectwise_ticket')), name });
const of = ({ id }: Thing): string => `notification-rules/${id}`;
const query = (sql: string, params: unknown[] = []) => system.unitOfWork.query(sql, params);
const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await query(RESTORE_LETTERS))); // prettier-ignore
const silence = (name: string): object => ({ endsAt: '2026-12-01T00:00:00Z', reason: name });
const silenceOf = ({ silenceId }: Thing): string => `silences/${silenceId}`;
const windowOf = ({ windowId }: Thing): string => `maintenance-windows/${windowId}`;
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET notification-rules/{id}', of, roles: MAY.AUDITORS },
    { route: 'PUT notification-rules/{id}', of, roles: MAY.MANAGERS, body: rule('Changed') },
    { route: 'DELETE notification-rules/{id}', of, roles: MAY.MANAGERS },
    { route: 'POST notification-rules/{id}/rotate-secret', of: (thing) => `${of(thing)}/rotate-secret`, roles: MAY.MANAGERS },
    { route: 'POST webhook-deliveries/{id}/resend', of: ({ deliveryId }) => `webhook-deliveries/${deliveryId}/resend`, roles: MAY.MANAGERS },
    { route: 'GET event-handlers/{id}', of: handlerOf, roles: MAY.AUDITORS },
    { route: 'GET event-handlers/{id}/runs', of: (thing) => `${handlerOf(thing)}/runs`, roles: MAY.AUDITORS },
    { route: 'PUT event-handlers/{id}', of: handlerOf, roles: MAY.MANAGERS, body: handler('Changed') },
    { route: 'DELETE event-handlers/{id}', of: handlerOf, roles: MAY.MANAGERS },
    { route: 'POST event-handlers/{id}/rotate-secret', of: (thing) => `${handlerOf(thing)}/rotate-secret`, roles: MAY.MANAGERS },
    { route: 'GET silences/{id}', of: silenceOf, roles: MAY.AUDITORS },
    { route: 'DELETE silences/{id}', of: silenceOf, roles: MAY.MANAGERS },
    { route: 'GET maintenance-windows/{id}', of: windowOf, roles: MAY.AUDITORS },
    { route: 'DELETE maintenance-windows/{id}', of: windowOf, roles: MAY.MANAGERS },
    { route: 'GET accounts/{no}/notification-options', of: options, roles: [...MAY.READERS, 'power-user'] },
    { route: 'PUT accounts/{no}/notification-options', of: options, roles: [...MAY.CHANGERS, 'power-user'], body: { options: [] } },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'notification-rules', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ id }) => id, counts: true },
    { path: 'webhook-deliveries', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ deliveryId }) => deliveryId, counts: false },
    { path: 'event-handlers', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ handlerId }) => handlerId, counts: true },
    { path: 'silences', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ silenceId }) => silenceId, counts: true },
    { path: 'maintenance-windows', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ windowId }) => windowId, counts: true },
  ],
  surfaces: [
    { route: 'POST notification-rules', roles: MAY.MANAGERS },
    { route: 'POST notification-rules/preview', roles: MAY.AUDITORS },
    { route: 'POST event-handlers', roles: MAY.MANAGERS },
    { route: 'POST silences', roles: MAY.MANAGERS },
    { route: 'POST maintenance-windows', roles: MAY.MANAGERS },
    { route: 'GET notification-rules/defaults', roles: MAY.AUDITORS },
    { route: 'GET event-types', roles: ROLES },
    { route: 'GET me/notification-options', roles: ROLES },
    { route: 'PUT me/notification-options', roles: ROLES },
  ],
}; // prettier-ignore

let system: TestSystem;
let http: HttpApp;
const things = {} as Things<Thing>;

async function ask(
  who: Partial<Identity>,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<MatrixAnswer> {
  const program = programIdentity({ partnerId: PARTNER, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
  const answer = await http.fastify.inject({
    method: method as 'GET',
    url: `/api/v1/${path}`,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, 'notifications'),
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  });
  const text = answer.payload === '' ? '{}' : answer.payload;
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: JSON.parse(text) as MatrixAnswer['body'],
  };
}

async function make(relation: Relation, partnerId: PartnerId, brand: string): Promise<void> {
  const name = `${relation} rule`;
  const made = async (path: string, what: object): Promise<string> => {
    const { status, body } = await ask({ partnerId, brandId: brandOf(brand) }, 'POST', path, what);
    if (status !== 201) throw new Error(JSON.stringify(body));
    return String(body['id']);
  };
  const accountNo = relation === 'own' ? OWN : 1000 + Object.keys(things).length;
  await system.unitOfWork.query('INSERT INTO known_account VALUES ($1, $2, $3, $4)', [partnerId, accountNo, brandOf(brand), name]); // prettier-ignore
  const letterId = await keepLetter(query, { partnerId, custId: null, accountNo });
  const id = await made('notification-rules', rule(name));
  const handlerId = await made('event-handlers', handler(name));
  const silenceId = await made('silences', silence(name));
  const windowId = await made('maintenance-windows', silence(name));
  const deliveryId = uuidFrom('delivery', name);
  const draft = {
    deliveryId,
    partnerId,
    ownerBrandId: brandOf(brand),
    ruleId: id as RuleId,
    ruleName: name,
    handlerId: null,
    causeId: uuidFrom('event', name),
    isRequest: false,
    url: null,
  };
  const deliveries = new DeliveryRepository(system.database.dataSource);
  await system.unitOfWork.run((tx) =>
    deliveries.add(tx, [{ ...draft, accountNo: accountNo as AccountNo, operationId: null, body: '{}' }]),
  );
  things[relation] = { id, handlerId, deliveryId, silenceId, windowId, letterId, name, accountNo };
}

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
  for (const [partnerId, path] of PATHS)
    await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [
      partnerId,
      brandOf(path.at(-1) ?? ''),
      path.map(brandOf),
    ]);
  for (const [partnerId, path] of PATHS) await make(path.at(-1) as Relation, partnerId, path.at(-1) ?? '');
  await make('deleted', PARTNER, 'own');
  for (const path of [of, handlerOf, silenceOf, windowOf].map((one) => one(things.deleted)))
    await ask({}, 'DELETE', path, undefined, { 'if-match': '*' });
  await query('DELETE FROM dead_letter WHERE letter_id = $1', [things.deleted.letterId]);
  await system.unitOfWork.query('DELETE FROM known_account WHERE account_no = $1', [
    things.deleted.accountNo,
  ]);
  await system.unitOfWork.query('DELETE FROM webhook_deliveries WHERE delivery_id = $1', [things.deleted.deliveryId]); // prettier-ignore
  const never = uuidFrom('never');
  things['never was'] = {
    id: never,
    handlerId: never,
    deliveryId: never,
    silenceId: never,
    windowId: never,
    letterId: never,
    name: 'nothing at all',
    accountNo: 9_999_999,
  };
});
afterAll(async () => {
  await http.app.close();
  await system.close();
});

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ id, handlerId, deliveryId, silenceId, windowId, letterId, name }) => [
    id,
    handlerId,
    deliveryId,
    silenceId,
    windowId,
    letterId,
    name,
  ],
  callerOf: (role) => ({
    role,
    brandId: brandOf('own'),
    ...(role === 'power-user' && { accountNo: OWN as never }),
  }),
  ask: async (who, method, path, body, headers) => {
    // Asked for by name: the defaults of nothing are no defaults.
    const query = path === 'notification-rules/defaults' ? '?action=open_connectwise_ticket' : '';
    return ask(who, method, path + query, body, headers);
  },
  openapi: async () => JSON.parse((await http.fastify.inject('/openapi.json')).body) as never,
}));
