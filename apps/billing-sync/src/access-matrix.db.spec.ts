import { afterAll, beforeAll, jest } from '@jest/globals';
import { type AccountNo, type BrandId, uuidFrom } from '@backhaul/domain';
import { accessMatrix, letterRoutes, MAY, type MatrixTables, type Relation, type Things } from '@backhaul/http/testing'; // prettier-ignore
import { keepLetter, RESTORE_LETTERS } from '@backhaul/testing';
import { TestRest } from './testing/rest.js';
import { idOf, PARTNER, TestSystem } from './testing/system.js';

jest.setTimeout(60_000);
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
  syncId: string;
  letterId: string;
  accountNo: number;
  custId: number;
}

let system: TestSystem;
let rest: TestRest;
const things = {} as Things<Thing>;

const UNORDERED = [
  "DELETE FROM sync WHERE state = 'pending'",
  'UPDATE sync_customer SET ordered_sync_id = NULL',
];
const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await system.query(RESTORE_LETTERS))); // prettier-ignore
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET syncs/{id}', of: ({ syncId }) => `syncs/${syncId}`, roles: MAY.AUDITORS },
    {
      route: 'POST customers/{custId}/syncs',
      of: ({ custId }) => `customers/${custId}/syncs`,
      roles: MAY.MANAGERS,
      restore: async () => {
        for (const sql of UNORDERED) await system.query(sql);
      },
    },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'syncs', roles: MAY.AUDITORS, idOf: (item) => item['id'], idOfThing: ({ syncId }) => syncId, counts: true, searches: ({ custId }) => [`custId=${custId}`] },
    { path: 'reports/executive', roles: MAY.AUDITORS, idOf: (item) => item['custId'], idOfThing: ({ custId }) => custId, counts: true, searches: ({ custId }) => [`custId=${custId}`] },
  ],
}; // prettier-ignore

/** A customer of that brand whose figures were pushed. */
async function make(relation: Relation, partnerId: string, index: number): Promise<void> {
  const [custId, accountNo, syncId] = [34800 + index, 80202100 + index, uuidFrom('sync', relation)];
  await system.query('INSERT INTO known_customer VALUES ($1, $2, $3, $4)', [partnerId, custId, relation, brandOf(relation)]); // prettier-ignore
  await system.query('INSERT INTO customer_map VALUES ($1, $2, $3)', [partnerId, custId, '250']);
  await system.query(
    "INSERT INTO sync (sync_id, partner_id, cust_id, trigger, state, account_no) VALUES ($1, $2, $3, 'event', 'pushed', $4)",
    [syncId, partnerId, custId, accountNo],
  );
  const query = (sql: string, params: unknown[]) => system.query(sql, params);
  const letterId = await keepLetter(query, { partnerId, custId, accountNo });
  things[relation] = { syncId, custId, accountNo, letterId };
}

beforeAll(async () => {
  system = await TestSystem.start();
  rest = await TestRest.start(system);
  for (const partnerId of new Set(PATHS.map(([id]) => id))) await system.connect({ partnerId }, []);
  for (const [partnerId, path] of PATHS)
    await system.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [partnerId, brandOf(path.at(-1) ?? ''), path.map(brandOf)]); // prettier-ignore
  for (const [index, [partnerId, path]] of PATHS.entries())
    await make(path.at(-1) as Relation, partnerId, index);
  const { syncId, letterId, custId } = things.deleted;
  await system.query('DELETE FROM dead_letter WHERE letter_id = $1', [letterId]);
  await system.query('DELETE FROM sync WHERE sync_id = $1', [syncId]);
  await system.query('DELETE FROM known_customer WHERE cust_id = $1', [custId]);
  things['never was'] = { syncId: uuidFrom('never'), letterId: uuidFrom('never'), accountNo: 1, custId: 1 };
});
afterAll(async () => {
  await rest.close();
  await system.close();
});

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ syncId, letterId, accountNo }) => [
    syncId,
    letterId,
    ...(accountNo === 1 ? [] : [String(accountNo)]),
  ],
  callerOf: (role) => ({
    role,
    brandId: brandOf('own'),
    ...(role === 'power-user' && { accountNo: things.own.accountNo as AccountNo }),
  }),
  ask: (who, method, path, body, headers) => rest.call(method, path, who, body, headers),
  openapi: () => rest.openapi(),
}));
