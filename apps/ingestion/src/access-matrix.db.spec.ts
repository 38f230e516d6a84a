import { afterAll, beforeAll, jest } from '@jest/globals';
import { type AccountNo, type BrandId, type PartnerId, uuidFrom } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import {
  accessMatrix,
  letterRoutes,
  MAY,
  type MatrixTables,
  type Relation,
  type Things,
} from '@backhaul/http/testing';
import { keepLetter, RESTORE_LETTERS } from '@backhaul/testing';
import { Running } from './testing/running.js';

jest.setTimeout(60_000);
const OTHER = uuidFrom('other') as PartnerId;
const SUSPENDED = uuidFrom('suspended') as PartnerId;
const brandOf = (name: string): BrandId => uuidFrom('brand', name) as BrandId;
/** Null: our partner. */
const PATHS: [PartnerId | null, string[]][] = [
  [null, ['parent']],
  [null, ['parent', 'sibling']],
  [null, ['parent', 'own']],
  [null, ['parent', 'own', 'child']],
  [null, ['parent', 'own', 'child', 'grandchild']],
  [OTHER, ['other partner']],
  [SUSPENDED, ['suspended']],
  [null, ['parent', 'own', 'deleted']],
];
const ACCOUNTS_FROM = 80203000;

interface Thing {
  custId: number;
  accountNo: number;
  eventId: string;
  endpointId: string;
  unassignedId: string;
  operationId: string;
  letterId: string;
  searchId: string;
}

let running: Running;
const things = {} as Things<Thing>;
const query = (sql: string, params: unknown[] = []): Promise<Record<string, string>[]> =>
  running.query(sql, params);
/** Nobody's again, as before somebody said whose it is. */
const unassign = async (): Promise<void> =>
  void (await query(
    `UPDATE event SET is_discarded = false, account_no = NULL, bucket = NULL
     WHERE event_id = ANY($1::uuid[]) AND event_id <> $2`,
    [Object.values(things).map(({ unassignedId }) => unassignedId), things.deleted.unassignedId],
  ));

const READERS = [...MAY.READERS, 'power-user'] as const;
const ENDPOINTS = [...MAY.MANAGERS, 'partner-api'] as const;
const ASSIGN = [...MAY.MANAGERS, 'partner-customer-service', 'partner-api'] as const;
const OPERATORS = ['platform-operator'] as const;
const SCHEDULERS = [...MAY.MANAGERS, 'partner-senior-customer-service', 'partner-customer-service'] as const;
const REPROCESS = [
  ...MAY.MANAGERS,
  'partner-senior-customer-service',
  'partner-customer-service',
  'partner-api',
] as const;
/** Nothing runs, as before somebody asked for it. */
const stopAll = async (): Promise<void> => void (await query("DELETE FROM operation WHERE state <> 'done'"));
/** As it is replaced; a stale ETag keeps it as it was. */
const SEARCH = { name: 'x', kind: 'search-servers', all: [] };
const STALE = { 'if-match': '"stale"' };
const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await query(RESTORE_LETTERS))); // prettier-ignore
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET events/{id}', of: ({ eventId }) => `events/${eventId}`, roles: READERS },
    { route: 'GET events/{id}/notifications', of: ({ eventId }) => `events/${eventId}/notifications`, roles: READERS },
    { route: 'POST events/{id}/reprocess', of: ({ eventId }) => `events/${eventId}/reprocess`, roles: REPROCESS, restore: stopAll },
    { route: 'GET accounts/{no}/events', of: ({ accountNo }) => `accounts/${accountNo}/events`, roles: READERS },
    { route: 'GET accounts/{no}/schedule', of: ({ accountNo }) => `accounts/${accountNo}/schedule`, roles: READERS },
    { route: 'PUT accounts/{no}/schedule', of: ({ accountNo }) => `accounts/${accountNo}/schedule`, roles: SCHEDULERS, body: { mode: 'off' }, headers: { 'if-match': '"stale"' } },
    { route: 'GET operations/{id}', of: ({ operationId }) => `operations/${operationId}`, roles: MAY.READERS },
    { route: 'GET endpoints/{id}', of: ({ endpointId }) => `endpoints/${endpointId}`, roles: MAY.READERS },
    { route: 'GET endpoints/{id}/snippets', of: ({ endpointId }) => `endpoints/${endpointId}/snippets`, roles: MAY.READERS },
    { route: 'POST endpoints/{id}/rotate', of: ({ endpointId }) => `endpoints/${endpointId}/rotate`, roles: ENDPOINTS },
    { route: 'DELETE endpoints/{id}', of: ({ endpointId }) => `endpoints/${endpointId}`, roles: ENDPOINTS, headers: { 'if-match': '"stale"' } },
    { route: 'GET saved-searches/{id}', of: ({ searchId }) => `saved-searches/${searchId}`, roles: MAY.READERS },
    { route: 'PUT saved-searches/{id}', of: ({ searchId }) => `saved-searches/${searchId}`, roles: MAY.MANAGERS, body: SEARCH, headers: STALE },
    { route: 'DELETE saved-searches/{id}', of: ({ searchId }) => `saved-searches/${searchId}`, roles: MAY.MANAGERS, headers: STALE },
    { route: 'GET saved-searches/{id}/results', of: ({ searchId }) => `saved-searches/${searchId}/results`, roles: MAY.READERS },
    { route: 'POST unassigned-results/{id}/assign', of: ({ unassignedId }) => `unassigned-results/${unassignedId}/assign`, roles: ASSIGN, body: { accountNo: ACCOUNTS_FROM + 2 }, restore: unassign },
    { route: 'POST unassigned-results/{id}/discard', of: ({ unassignedId }) => `unassigned-results/${unassignedId}/discard`, roles: ASSIGN, restore: unassign },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'events', roles: READERS, idOf: (item) => item['eventId'], idOfThing: ({ eventId }) => eventId, counts: true, searches: ({ accountNo, custId }) => [`accountNo=${accountNo}`, `custId=${custId}`, `q=${accountNo}`] },
    { path: 'endpoints', roles: MAY.READERS, idOf: (item) => item['id'], idOfThing: ({ endpointId }) => endpointId, counts: true },
    { path: 'saved-searches', roles: MAY.READERS, idOf: (item) => item['id'], idOfThing: ({ searchId }) => searchId, counts: true },
    { path: 'unassigned-results', roles: MAY.READERS, idOf: (item) => item['id'], idOfThing: ({ unassignedId }) => unassignedId, counts: true },
  ],
  surfaces: [
    { route: 'GET alarm-holds', roles: OPERATORS },
    { route: 'POST endpoints', roles: ENDPOINTS },
    { route: 'POST events/search', roles: READERS },
    { route: 'POST saved-searches', roles: MAY.MANAGERS },
    { route: 'GET event-retention', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'PUT event-retention', roles: MAY.SENIOR, needsWholePartner: true },
  ],
}; // prettier-ignore

const newestOf = async (custId: number, isUnassigned: boolean): Promise<string> =>
  (await query(`SELECT event_id FROM event WHERE cust_id = $1 AND (account_no IS NULL) = $2`, [custId, isUnassigned]))[0]?.['event_id'] ?? ''; // prettier-ignore

/** A customer of that brand, an account whose backup failed, and a result of an unknown host. */
async function make(relation: Relation, partnerId: PartnerId, index: number): Promise<void> {
  const [custId, accountNo] = [34900 + index, ACCOUNTS_FROM + index];
  await query('INSERT INTO customer VALUES ($1, $2, $3, $4)', [partnerId, custId, brandOf(relation), relation]); // prettier-ignore
  for (const [no, name] of [[accountNo, 'one'], [accountNo + 500, 'two']]) // prettier-ignore
    await query(`INSERT INTO account VALUES ($1, $2, $3, $4, $5, $6)`, [no, partnerId, custId, brandOf(relation), `${relation} ${name}`, `HOST-${no}`]); // prettier-ignore
  const create = async (body: object): Promise<{ id: string; key: string }> =>
    (await (await running.apiAs({ partnerId }, 'POST', '/endpoints', body)).json()) as never;
  const ofAccount = await create({ agent: 'generic', accountNo });
  const ofCustomer = await create({ agent: 'generic', custId });
  for (const { key } of [ofAccount, ofCustomer]) await running.post(`/ping/${key}/fail`, '');
  // One endpoint a thing: what the lists show is then one for one.
  await query('DELETE FROM endpoint_key WHERE endpoint_id = $1', [ofCustomer.id]);
  await query('DELETE FROM endpoint WHERE id = $1', [ofCustomer.id]);
  const [eventId, unassignedId] = [await newestOf(custId, false), await newestOf(custId, true)];
  const operationId = uuidFrom('operation', relation);
  await query(`INSERT INTO operation VALUES ($1, $2, $3, $4, $5, 'done', 'key:test', NULL, now(), now())`, [
    operationId,
    partnerId,
    custId,
    accountNo,
    eventId,
  ]);
  const letterId = await keepLetter(query, { partnerId, custId, accountNo });
  things[relation] = {
    custId,
    accountNo,
    eventId,
    endpointId: ofAccount.id,
    unassignedId,
    operationId,
    letterId,
    searchId: await searchOf(partnerId, brandOf(relation)),
  };
}

async function searchOf(partnerId: PartnerId, brandId: BrandId): Promise<string> {
  const answer = await running.apiAs({ partnerId, brandId }, 'POST', '/saved-searches', SEARCH);
  return ((await answer.json()) as { id: string }).id;
}

beforeAll(async () => {
  running = await Running.start();
  const partnerOf = (id: PartnerId | null): PartnerId => id ?? running.partnerId;
  await query(`INSERT INTO partner VALUES ($1, 'Suspended', true)`, [SUSPENDED]);
  for (const [id, path] of PATHS)
    await query('INSERT INTO known_brand VALUES ($1, $2, $3)', [partnerOf(id), brandOf(path.at(-1) ?? ''), path.map(brandOf)]); // prettier-ignore
  for (const [index, [id, path]] of PATHS.entries())
    await make(path.at(-1) as Relation, partnerOf(id), index);
  const { eventId, endpointId, unassignedId, operationId } = things.deleted;
  await query('DELETE FROM event WHERE event_id = $1', [eventId]);
  await query('DELETE FROM operation WHERE operation_id = $1', [operationId]);
  await query('DELETE FROM account WHERE account_no = $1', [things.deleted.accountNo]);
  await query('DELETE FROM dead_letter WHERE letter_id = $1', [things.deleted.letterId]);
  await query('DELETE FROM saved_search WHERE search_id = $1', [things.deleted.searchId]);
  await running.api('DELETE', `/endpoints/${endpointId}`);
  await running.api('POST', `/unassigned-results/${unassignedId}/discard`);
  const never = uuidFrom('never');
  things['never was'] = {
    custId: 1,
    accountNo: 1,
    eventId: never,
    endpointId: never,
    unassignedId: never,
    operationId: never,
    letterId: never,
    searchId: never,
  };
});
afterAll(() => running.close());

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ eventId, endpointId, unassignedId, accountNo, letterId, searchId }) => [
    letterId,
    searchId,
    eventId,
    endpointId,
    unassignedId,
    ...(accountNo === 1 ? [] : [String(accountNo), `HOST-${accountNo}`]),
  ],
  callerOf: (role) => ({
    role,
    brandId: brandOf('own'),
    ...(role === 'power-user' && { accountNo: things.own.accountNo as AccountNo }),
  }),
  ask: async (who: Partial<Identity>, method, path, body, headers) => {
    const answer = await running.apiAs(who, method, `/${path}`, body, headers);
    const text = await answer.text();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  },
  elsewhere: {
    'GET saved-searches/{id}/results.csv': 'apps/ingestion/src/saved-searches/saved-searches.db.spec.ts',
    'GET events.csv': 'apps/ingestion/src/events/events-csv.db.spec.ts',
    'POST alarm-holds/{id}/release': 'apps/ingestion/src/alarm-holds/alarm-holds.db.spec.ts',
    'POST alarm-holds/{id}/drop': 'apps/ingestion/src/alarm-holds/alarm-holds.db.spec.ts',
  },
  openapi: async () => (await (await fetch(`${running.url}/openapi.json`)).json()) as never,
}));
