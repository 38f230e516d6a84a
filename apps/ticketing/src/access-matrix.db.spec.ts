import { afterAll, beforeAll, jest } from '@jest/globals';
import { type AccountNo, type BrandId, type PartnerId, uuidFrom } from '@backhaul/domain';
import { createHttpApp, type HttpApp, type Identity, PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http'; // prettier-ignore
import { accessMatrix, letterRoutes, MAY, type MatrixAnswer, type MatrixTables, type Relation, type Things } from '@backhaul/http/testing'; // prettier-ignore
import { createLogger } from '@backhaul/telemetry';
import { LOOKUPS, type SetupPort } from '@backhaul/psa';
import { keepLetter, RESTORE_LETTERS } from '@backhaul/testing';
import { AppModule } from './app.module.js';
import { FaultyPsa } from './testing/faulty-psa.js';
import { idOf, PARTNER, TestSystem } from './testing/system.js';

jest.setTimeout(60_000);
const KEY = 'k'.repeat(32);
const brandOf = (name: string): BrandId => uuidFrom('brand', name) as BrandId;
const PATHS: [string, string[]][] = [
  [PARTNER, ['parent']],
  [PARTNER, ['parent', 'sibling']],
  [PARTNER, ['parent', 'own']],
  [PARTNER, ['parent', 'own', 'child']],
  [PARTNER, ['parent', 'own', 'child', 'grandchild']],
  [idOf('other'), ['other partner']],
  [idOf('suspended'), ['suspended']],
  [PARTNER, ['parent', 'own', 'deleted']],
];

interface Thing {
  incidentId: string;
  laneId: string;
  letterId: string;
  accountNo: number;
  custId: number;
}
const READERS = [...MAY.READERS, 'power-user'] as const;
const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await system.query(RESTORE_LETTERS))); // prettier-ignore
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET incidents/{id}', of: ({ incidentId }) => `incidents/${incidentId}`, roles: READERS },
    { route: 'POST incidents/{id}/retry', of: ({ incidentId }) => `incidents/${incidentId}/retry`, roles: MAY.MANAGERS },
    { route: 'POST incidents/{id}/resolve', of: ({ incidentId }) => `incidents/${incidentId}/resolve`, roles: MAY.MANAGERS },
    { route: 'POST lanes/{id}/retry', of: ({ laneId }) => `lanes/${encodeURIComponent(laneId)}/retry`, roles: [...MAY.MANAGERS, 'platform-operator'] },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'incidents', roles: READERS, idOf: (item) => item['id'], idOfThing: ({ incidentId }) => incidentId, counts: true, searches: ({ accountNo, custId }) => [`accountNo=${accountNo}`, `custId=${custId}`] },
    { path: 'lanes', roles: [...MAY.AUDITORS, 'platform-operator'], idOf: (item) => item['id'], idOfThing: ({ laneId }) => laneId, counts: true, searches: ({ accountNo }) => [`accountNo=${accountNo}`] },
  ],
  surfaces: [
    { route: 'POST psa/{provider}/lookups/{lookup}', roles: MAY.MANAGERS, needsWholePartner: true },
    { route: 'GET psa/{provider}/diagnostics', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'POST psa/{provider}/customer-map/suggest', roles: MAY.MANAGERS },
  ],
}; // prettier-ignore

/** A PSA that has nothing. */
const EMPTY_PSA: SetupPort = {
  lookups: LOOKUPS,
  list: async () => [],
  companies: async () => [],
  contracts: async () => [],
  checkSettings: async (ticketing) => ({ problems: [], resolved: ticketing }),
  linkFindings: async () => [],
  diagnose: () => [],
};

let system: TestSystem;
let http: HttpApp;
const things = {} as Things<Thing>;

async function ask(
  who: Partial<Identity>,
  method: string,
  path: string,
  body?: object,
): Promise<MatrixAnswer> {
  const program = programIdentity({ partnerId: PARTNER as PartnerId, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
  const answer = await http.fastify.inject({
    method: method as 'GET',
    url: `/api/v1/${path.replace('{provider}', 'connectwise').replace('{lookup}', 'companies')}`,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, 'ticketing-connectwise'),
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

/** A customer of that brand with one account whose backup fails. */
async function make(relation: Relation, partnerId: string, index: number): Promise<void> {
  const [custId, accountNo] = [34800 + index, 80202100 + index];
  await system.query('INSERT INTO known_customer VALUES ($1, $2, $3, $4)', [
    partnerId,
    custId,
    relation,
    brandOf(relation),
  ]);
  await system.raise(`failure ${relation}`, { partnerId, custId, accountNo });
  const [row] = await system.query<{ incidentId: string; laneId: string }>(
    `SELECT incident_id AS "incidentId", connection_id || '|' || account_no AS "laneId" FROM incident WHERE account_no = $1`,
    [accountNo],
  );
  if (!row) throw new Error(`${relation} has no incident`);
  const query = (sql: string, params: unknown[]) => system.query(sql, params);
  const letterId = await keepLetter(query, { partnerId, custId, accountNo });
  things[relation] = { ...row, accountNo, custId, letterId };
}

async function remove({ accountNo, letterId }: Thing): Promise<void> {
  await system.query('DELETE FROM dead_letter WHERE letter_id = $1', [letterId]);
  await system.query('DELETE FROM command_request WHERE command_id IN (SELECT command_id FROM command WHERE lane_key LIKE $1)', [`%|${accountNo}`]); // prettier-ignore
  await system.query('DELETE FROM command WHERE lane_key LIKE $1', [`%|${accountNo}`]);
  await system.query('DELETE FROM lane WHERE account_no = $1', [accountNo]);
  await system.query('DELETE FROM incident_entry WHERE incident_id IN (SELECT incident_id FROM incident WHERE account_no = $1)', [accountNo]); // prettier-ignore
  await system.query('DELETE FROM incident WHERE account_no = $1', [accountNo]);
}

beforeAll(async () => {
  system = await TestSystem.start();
  const { module } = AppModule.with({
    provider: 'connectwise',
    dataSource: system.database.dataSource,
    ports: system.ports,
    setupPorts: { with: (_link, work) => work(EMPTY_PSA) },
    serviceTokenKey: KEY,
    limits: { maxRatePerMinute: 60, maxInFlight: 1 },
    reopenWithinHours: 168,
    dispatcher: { slots: 1, leaseMs: 1000, idleMs: 1000 },
    execute: { breakerResetMs: 1000, leaseMs: 1000 },
    reconciler: { everyMs: 60_000, batch: 1 },
    checkMapEveryMs: 86_400_000,
    observer: { called: () => undefined, duplicates: () => undefined },
    replayer: { replay: async () => undefined },
  });
  http = await createHttpApp(module, {
    name: 'ticketing-connectwise',
    host: '127.0.0.1',
    port: 0,
    managementPort: 0,
    logger: createLogger({ service: 'ticketing', level: 'silent' }),
    serviceTokenKey: KEY,
  });
  for (const partnerId of new Set(PATHS.map(([id]) => id)))
    await system.connect(new FaultyPsa(), { partnerId });
  for (const [partnerId, path] of PATHS)
    await system.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [
      partnerId,
      brandOf(path.at(-1) ?? ''),
      path.map(brandOf),
    ]);
  for (const [index, [partnerId, path]] of PATHS.entries())
    await make(path.at(-1) as Relation, partnerId, index);
  await remove(things.deleted);
  const { laneId } = things.own;
  things['never was'] = {
    incidentId: uuidFrom('never'),
    letterId: uuidFrom('never'),
    laneId: laneId.replace(/\d+$/, '1'),
    accountNo: 1,
    custId: 1,
  };
});
afterAll(async () => {
  await http.app.close();
  await system.close();
});

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ incidentId, laneId, accountNo, letterId }) => [
    incidentId,
    letterId,
    laneId,
    ...(accountNo === 1 ? [] : [String(accountNo)]),
  ],
  callerOf: (role) => ({
    role,
    brandId: brandOf('own'),
    ...(role === 'power-user' && { accountNo: things.own.accountNo as AccountNo }),
  }),
  ask,
  openapi: async () => JSON.parse((await http.fastify.inject('/openapi.json')).body) as never,
}));
