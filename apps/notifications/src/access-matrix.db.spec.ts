import { afterAll, beforeAll, jest } from '@jest/globals';
import { type BrandId, type PartnerId, uuidFrom } from '@backhaul/domain';
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
  name: string;
  accountNo: number;
  letterId: string;
}
/** The account of the end user who asks. */
const OWN = 80_202_028;
const options = ({ accountNo }: Thing): string => `accounts/${accountNo}/notification-options`;
const rule = (name: string): object => ({ ...settingsOut(defaultsFor('open_connectwise_ticket')), name });
const of = ({ id }: Thing): string => `notification-rules/${id}`;
const query = (sql: string, params: unknown[] = []) => system.unitOfWork.query(sql, params);
const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await query(RESTORE_LETTERS))); // prettier-ignore
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET notification-rules/{id}', of, roles: MAY.AUDITORS },
    { route: 'PUT notification-rules/{id}', of, roles: MAY.MANAGERS, body: rule('Changed') },
    { route: 'DELETE notification-rules/{id}', of, roles: MAY.MANAGERS },
    { route: 'GET accounts/{no}/notification-options', of: options, roles: [...MAY.READERS, 'power-user'] },
    { route: 'PUT accounts/{no}/notification-options', of: options, roles: [...MAY.CHANGERS, 'power-user'], body: { options: [] } },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'notification-rules', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ id }) => id, counts: true },
  ],
  surfaces: [
    { route: 'POST notification-rules', roles: MAY.MANAGERS },
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
  const { status, body } = await ask({ partnerId, brandId: brandOf(brand) }, 'POST', 'notification-rules', rule(name)); // prettier-ignore
  if (status !== 201) throw new Error(JSON.stringify(body));
  const accountNo = relation === 'own' ? OWN : 1000 + Object.keys(things).length;
  await system.unitOfWork.query('INSERT INTO known_account VALUES ($1, $2, $3, $4)', [partnerId, accountNo, brandOf(brand), name]); // prettier-ignore
  const letterId = await keepLetter(query, { partnerId, custId: null, accountNo });
  things[relation] = { id: String(body['id']), name, accountNo, letterId };
}

beforeAll(async () => {
  system = await TestSystem.start();
  const { dataSource } = system.database;
  // Neither is started: this suite speaks HTTP alone.
  const publisher = new Publisher(createKafka({ brokers: ['127.0.0.1:1'], clientId: 'none' }));
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  http = await createHttpApp(
    AppModule.with({ dataSource, relay, mailQueue: system.mailQueue, clock: system.clock }),
    {
      name: 'notifications',
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logger: createLogger({ service: 'notifications', level: 'silent' }),
      serviceTokenKey: KEY,
    },
  );
  for (const [partnerId, path] of PATHS)
    await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [
      partnerId,
      brandOf(path.at(-1) ?? ''),
      path.map(brandOf),
    ]);
  for (const [partnerId, path] of PATHS) await make(path.at(-1) as Relation, partnerId, path.at(-1) ?? '');
  await make('deleted', PARTNER, 'own');
  await ask({}, 'DELETE', of(things.deleted), undefined, { 'if-match': '*' });
  await query('DELETE FROM dead_letter WHERE letter_id = $1', [things.deleted.letterId]);
  await system.unitOfWork.query('DELETE FROM known_account WHERE account_no = $1', [
    things.deleted.accountNo,
  ]);
  things['never was'] = { id: uuidFrom('never'), name: 'nothing at all', accountNo: 9_999_999, letterId: uuidFrom('never') }; // prettier-ignore
});
afterAll(async () => {
  await http.app.close();
  await system.close();
});

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ id, name, letterId }) => [id, name, letterId],
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
