import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { systemClock, uuidv7, wholePartner } from '@backhaul/domain';
import { encodeCursor, type Identity } from '@backhaul/http';
import { auditEntries } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { eventually } from '@backhaul/testing';
import pg from 'pg';
import { ACCOUNT_NO, CUST_ID, type Running } from '../testing/running.js';
import {
  NORTH, NORTH_BRAND, NORTH_CUST, NORTH_NO, ODD_NAME, type Row, type Search, SearchWorld, SERVER_NO,
} from '../testing/search-world.js'; // prettier-ignore
import { RowFinder } from './row-finder.js';
import type { SearchSettings } from './saved-search.js';
import { ALL_COLUMNS, KINDS, SEARCH_KINDS, type SearchKind } from './search-kinds.js';

jest.setTimeout(60_000);

const STRANGER: Partial<Identity> = { partnerId: uuidv7(4) as Identity['partnerId'] };
const BULK = uuidv7(5) as Identity['partnerId'];
const HOUR_MS = 3_600_000;

let world: SearchWorld;
let running: Running;
beforeAll(async () => {
  world = await SearchWorld.start();
  running = world.running;
  const all = await world.saved({ kind: 'search-backupsets' });
  const areKnown = async (): Promise<boolean> => (await world.resultsOf(all)).items.length === 6;
  await eventually(areKnown, { timeoutMs: 30_000 });
});
afterAll(() => running.close());

const save: SearchWorld['save'] = (...args) => world.save(...args);
const saved: SearchWorld['saved'] = (...args) => world.saved(...args);
const resultsOf: SearchWorld['resultsOf'] = (...args) => world.resultsOf(...args);
const rowsOf: SearchWorld['rowsOf'] = (...args) => world.rowsOf(...args);

describe('what the six kinds find (F36, C24)', () => {
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const EXPECTED: Record<SearchKind, Row[]> = {
    'search-customers-ahsay': [
      { accountNo: ACCOUNT_NO, custId: CUST_ID, customerName: 'ACME', username: 'one', hostName: 'ACME-WS07', jobs: 1, status: 'success', lastRunAt: time as never },
    ],
    'search-customers-asigra': [
      { accountNo: SERVER_NO, jobs: 1, storedBytes: 5_000_000_000, status: 'failed', severity: 'ERROR' },
      { accountNo: NORTH_NO, custId: NORTH_CUST, customerName: 'North Ltd', storedBytes: null, status: 'success_with_warnings' },
    ],
    'search-backupsets': [
      { accountNo: ACCOUNT_NO, agent: 'ahsay', jobName: 'Shares', status: 'success', schedule: 'waiting' },
      { accountNo: SERVER_NO, agent: 'asigra', hostName: 'ACME-SRV01', jobName: ODD_NAME, lastRunAt: time as never, runningSince: null },
      { accountNo: SERVER_NO, agent: 'shadowprotect', jobName: 'C:\\ (System)', storedBytes: 7 },
      { accountNo: NORTH_NO, agent: 'generic', jobName: 'Going', status: null, lastRunAt: null, runningSince: time as never },
      { accountNo: NORTH_NO, agent: 'asigra', jobName: 'North set', storedBytes: null },
      { accountNo: NORTH_NO, agent: 'restic', hostName: null },
    ],
    'search-backupjobs': [
      { accountNo: NORTH_NO, agent: 'restic', job: 'R', type: 'backup.completed' },
      { accountNo: NORTH_NO, agent: 'asigra', startedAt: null, errors: null, uploadedBytes: null },
      { accountNo: SERVER_NO, agent: 'shadowprotect', type: 'backup.completed' },
      { accountNo: SERVER_NO, agent: 'asigra', job: ODD_NAME, startedAt: time as never, endedAt: time as never, uploadedBytes: 12, warnings: 2, errors: 3, message: 'DS-Client is away', notificationProcessedErrors: null },
      { accountNo: ACCOUNT_NO, agent: 'ahsay', uploadedBytes: 734_003, severity: 'OK', receivedAt: time as never },
    ],
    'search-shadowprotect-volumes': [
      { hostName: 'acme-srv01', volume: 'C:\\ (System)', accountNo: SERVER_NO, storedBytes: 7, status: 'success', lastImageAt: time as never },
    ],
    'search-servers': [
      { accountNo: SERVER_NO, agents: 'asigra shadowprotect', jobs: 2, storedBytes: 5_000_000_007, lastContactAt: time as never },
      { hostName: 'NORTH-SRV', accountNo: NORTH_NO, agents: 'asigra', jobs: 1 },
    ],
  }; // prettier-ignore

  it.each(SEARCH_KINDS)('%s, with its columns in their order', async (kind) => {
    const found = await resultsOf(await saved({ kind }), '?total=true');
    expect(found).toMatchObject({ columns: KINDS[kind].columns, nextCursor: null });
    expect(found.total).toBe(EXPECTED[kind].length);
    expect(found.totalIsExact ?? true).toBe(true);
    expect(found.searchedTo).toBeUndefined();
    for (const row of found.items) expect(Object.keys(row)).toEqual(KINDS[kind].columns);
    // Jobs of an account stand in the order of their ids.
    const byAccount = (rows: Row[]): Row[] =>
      [...rows].sort((a, b) =>
        `${a['accountNo']}${a['agent']}`.localeCompare(`${b['accountNo']}${b['agent']}`),
      );
    const isOrdered = kind !== 'search-backupsets';
    const [rows, wanted] = [found.items, EXPECTED[kind]].map((all) => (isOrdered ? all : byAccount(all)));
    expect(rows).toMatchObject(wanted ?? []);
  });

  it('says of a job when it is expected next, by the schedule of its account', async () => {
    const path = `/accounts/${SERVER_NO}/schedule`;
    const etag = (await running.api('GET', path)).headers.get('etag') ?? '';
    const body = { mode: 'set', times: { everyHours: 24 } };
    const put = await running.api('PUT', path, body, running.partnerId, { 'if-match': etag });
    expect(put.status).toBe(200);
    const [row] = await rowsOf('search-backupsets', [{ field: 'agent', operator: 'equals', term: 'asigra' }]);
    expect(Date.parse(String(row?.['expectedAt'])) - Date.parse(String(row?.['lastRunAt']))).toBe(24 * HOUR_MS); // prettier-ignore
  });

  it.each<[SearchKind, string, string, string | number, number]>([
    ['search-backupsets', 'jobName', 'like', '?*', 6],
    ['search-backupsets', 'jobName', 'like', 'c:\\*', 1],
    ['search-backupsets', 'jobName', 'contains', '%', 0],
    ['search-backupsets', 'jobName', 'startsWith', '=HYPER', 1],
    ['search-backupsets', 'status', 'equals', '', 1],
    ['search-backupsets', 'status', 'notEquals', 'SUCCESS', 3],
    ['search-backupsets', 'accountNo', 'equals', SERVER_NO, 2],
    ['search-backupsets', 'accountNo', 'notEquals', `0${SERVER_NO}`, 4],
    ['search-backupsets', 'storedBytes', 'like', '5*', 1],
    ['search-backupsets', 'lastRunAt', 'after', '2020-01-01', 5],
    ['search-backupsets', 'lastRunAt', 'before', '2020-01-01T00:00:00Z', 0],
    ['search-backupsets', 'lastRunAt', 'equals', '', 1],
    ['search-backupsets', 'customerName', 'equals', 'north ltd', 3],
    ['search-backupsets', 'brandId', 'equals', NORTH_BRAND, 3],
    ['search-customers-asigra', 'jobs', 'equals', 1, 2],
    ['search-servers', 'hostName', 'startsWith', 'north', 1],
    ['search-servers', 'lastContactAt', 'after', '2020-01-01', 2],
    ['search-shadowprotect-volumes', 'volume', 'contains', 'system', 1],
    ['search-backupjobs', 'severity', 'equals', 'error', 1],
    ['search-backupjobs', 'receivedAt', 'before', '2020-01-01', 0],
  ])('%s: %s %s %p finds %d (F20-F23)', async (kind, field, operator, term, count) => {
    expect(await rowsOf(kind, [{ field, operator, term }])).toHaveLength(count);
  });

  it('finds what meets all conditions', async () => {
    const all = [
      { field: 'accountNo', operator: 'equals', term: SERVER_NO },
      { field: 'agent', operator: 'like', term: '*a*' },
      { field: 'lastRunAt', operator: 'after', term: '2020-01-01' },
      { field: 'severity', operator: 'notEquals', term: 'OK' },
    ];
    expect(await rowsOf('search-backupsets', all)).toMatchObject([{ agent: 'asigra' }]);
  });
});

describe('who sees what', () => {
  it.each(SEARCH_KINDS)('%s: of the same search, who sees less finds less', async (kind) => {
    const search = await saved({ kind }, NORTH);
    const [all, less] = [await resultsOf(search, '?total=true'), await resultsOf(search, '?total=true', NORTH)]; // prettier-ignore
    const isNorth = ({ accountNo }: Row): boolean => accountNo === NORTH_NO;
    expect(less.items).toEqual(all.items.filter(isNorth));
    expect(less.total).toBe(less.items.length);
    expect(all.items.some((row) => !isNorth(row))).toBe(true);
    const file = await running.apiAs(NORTH, 'GET', `/saved-searches/${search.id}/results.csv`);
    expect((await file.text()).match(new RegExp(`\\b(${ACCOUNT_NO}|${SERVER_NO})\\b`))).toBeNull();
  });

  it('a search of the whole partner, of another partner, or that never was: 404, word for word', async () => {
    const { id } = await saved({ kind: 'search-servers' });
    const paths = (each: string): [string, string][] => [
      ['GET', `/saved-searches/${each}`],
      ['PUT', `/saved-searches/${each}`],
      ['DELETE', `/saved-searches/${each}`],
      ['GET', `/saved-searches/${each}/results`],
      ['GET', `/saved-searches/${each}/results.csv`],
    ];
    const ask = async (who: Partial<Identity>, [method, path]: [string, string]): Promise<unknown> => {
      const body = method === 'PUT' ? { name: 'x', kind: 'search-servers', all: [] } : undefined;
      const answer = await running.apiAs(who, method, path, body, { 'if-match': '*' });
      const { instance: _path, requestId: _id, ...said } = (await answer.json()) as Record<string, unknown>;
      return [answer.status, said];
    };
    const never = uuidv7(1);
    for (const who of [STRANGER, NORTH])
      for (const [index, request] of paths(id).entries()) {
        const said = await ask(who, request);
        expect([who, request[0], said]).toEqual([who, request[0], [404, expect.anything()]]);
        expect(said).toEqual(await ask(who, paths(never)[index] ?? ['', '']));
      }
    const lists = await Promise.all(
      [STRANGER, NORTH].map(async (who) => (await running.apiAs(who, 'GET', '/saved-searches?limit=200')).text()),
    ); // prettier-ignore
    expect(lists.join()).not.toContain(id);
    expect((await running.api('GET', `/saved-searches/${id}`)).status).toBe(200);
  });

  it('a stranger runs the same search over rows of its own only', async () => {
    for (const kind of SEARCH_KINDS) expect(await rowsOf(kind, [], STRANGER)).toEqual([]);
  });
});

describe('the file of a search (C26)', () => {
  it.each(SEARCH_KINDS)('%s: rows, columns and order are those of the results', async (kind) => {
    const search = await saved({ kind, columns: [...KINDS[kind].columns].reverse() });
    const answer = await running.api('GET', `/saved-searches/${search.id}/results.csv`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="search-[a-z-]+-\d{4}-\d\d-\d\d\.csv"$/); // prettier-ignore
    const text = await answer.text();
    const { items } = await resultsOf(search);
    const plain = (cell: string | number | null): string => String(cell ?? '').replace(/^(?=[=+\-@])/, "'");
    const cellsOf = (row: Row): string[] => Object.values(row).map(plain);
    expect(recordsIn(text)).toEqual([search.columns, ...items.map(cellsOf)]);
    if (kind === 'search-backupsets') expect(text).toContain('"\'=HYPERLINK(""x""), ""quoted""\nand more"');
  });

  /** By RFC 4180: CRLF between records, quotes doubled. */
  function recordsIn(text: string): string[][] {
    expect(text.endsWith('\r\n')).toBe(true);
    const cell = /("((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
    const records: string[][] = [[]];
    for (const [, whole, quoted, bare, end] of text.matchAll(cell)) {
      records.at(-1)?.push(whole?.startsWith('"') ? (quoted ?? '').replaceAll('""', '"') : (bare ?? ''));
      if (end === '\r\n') records.push([]);
    }
    return records.slice(0, -1);
  }
});

describe('a search that is wrong', () => {
  const one = (over: object, kind: SearchKind = 'search-backupsets'): object => ({
    kind,
    all: [{ field: 'jobName', operator: 'contains', term: 'x', ...over }],
  });
  it.each<[string, object, number, string]>([
    ['no such kind (C24)', { kind: 'search-everything' }, 400, '/kind'],
    ['no kind', {}, 400, '/kind'],
    ['a blank name', { kind: 'search-servers', name: '  ' }, 400, '/name'],
    ['no conditions', { kind: 'search-servers', all: null }, 400, '/all'],
    ['too many conditions', { kind: 'search-servers', all: Array.from({ length: 21 }, () => ({})) }, 400, '/all'],
    ['an unknown field', one({ field: 'password' }), 400, '/all/0/field'],
    ['a field of another kind', one({ field: 'volume' }), 400, '/all/0/field'],
    ['a field of another kind, of runs', one({ field: 'agents' }, 'search-backupjobs'), 400, '/all/0/field'],
    ['a field that is only shown', one({ field: 'expectedAt' }), 400, '/all/0/field'],
    ['a field of all objects', one({ field: 'constructor' }), 400, '/all/0/field'],
    ['an unknown operator', one({ operator: 'matches' }), 400, '/all/0/operator'],
    ['10 000 asterisks (F22)', one({ operator: 'like', term: '*'.repeat(10_000) }), 400, '/all/0/term'],
    ['an object as a term', one({ term: { $ne: 1 } }), 400, '/all/0/term'],
    ['a word as a number', one({ field: 'storedBytes', operator: 'equals', term: 'much' }), 400, '/all/0/term'],
    ['a word as a time', one({ field: 'lastRunAt', operator: 'before', term: 'now' }), 400, '/all/0/term'],
    ['no such day', one({ field: 'lastRunAt', operator: 'equals', term: '2026-13-41' }), 400, '/all/0/term'],
    ['a text before a text', one({ operator: 'before' }), 422, '/all/0/operator'],
    ['a text before a text, of runs', one({ field: 'job', operator: 'after' }, 'search-backupjobs'), 422, '/all/0/operator'],
    ['an unknown column', { kind: 'search-servers', columns: ['hostName', 'secret'] }, 400, '/columns'],
    ['a column of another kind', { kind: 'search-servers', columns: ['volume'] }, 400, '/columns/0'],
    ['a column twice', { kind: 'search-servers', columns: ['jobs', 'jobs'] }, 400, '/columns'],
    ['no column', { kind: 'search-servers', columns: [] }, 400, '/columns'],
    ['a property that nobody knows', { kind: 'search-servers', brandId: NORTH_BRAND }, 400, '/brandId'],
  ])('%s: refused with a pointer', async (_what, body, status, pointer) => {
    const answer = await save(body);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors[0]?.pointer]).toEqual([status, pointer]);
  }); // prettier-ignore

  it('patterns that are long or mean something elsewhere are looked for like other text', async () => {
    const terms = ["'; DROP TABLE saved_search; --", '?*'.repeat(500), `${'*a'.repeat(499)}*`, '\\%_"'];
    for (const kind of ['search-backupsets', 'search-backupjobs'] as const)
      for (const term of terms) {
        const field = kind === 'search-backupsets' ? 'jobName' : 'job';
        const all = Array.from({ length: 20 }, () => ({ field, operator: 'like', term }));
        expect(await rowsOf(kind, all)).toEqual([]);
      }
  });

  it.each([
    ['/saved-searches/7', '/id'],
    ['/saved-searches/7/results', '/id'],
    ['/saved-searches/7/results.csv', '/id'],
    ['/saved-searches?kind=all', '/kind'],
    ['/saved-searches?sort=name', '/sort'],
    ['/saved-searches?cursor=abc', '/cursor'],
    ['/saved-searches?limit=500', '/limit'],
    ['{id}/results?limit=0', '/limit'],
    ['{id}/results?cursor=abc', '/cursor'],
    [`{id}/results?cursor=${encodeCursor(['of something else'])}`, '/cursor'],
    [`{id}/results?cursor=${encodeCursor([1, true])}`, '/cursor'],
    ['{id}/results?sort=jobs', '/sort'],
    ['{id}/results.csv?limit=5', '/limit'],
  ])('GET %s: 400', async (path, pointer) => {
    const { id } = await saved({ kind: 'search-servers' });
    const answer = await running.api('GET', path.replace('{id}', `/saved-searches/${id}`));
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors[0]?.pointer]).toEqual([400, pointer]);
  });
});

describe('what is saved', () => {
  it('is made once for a repeated key, changed and removed by its ETag, and keeps its kind', async () => {
    const again = { 'idempotency-key': uuidv7(7) };
    const [first, second] = [await save({ kind: 'search-servers' }, {}, again), await save({ kind: 'search-servers' }, {}, again)]; // prettier-ignore
    const made = (await first.json()) as Search;
    expect(await second.json()).toEqual(made);
    expect(first.headers.get('location')).toBe(`/api/v1/saved-searches/${made.id}`);
    const path = `/saved-searches/${made.id}`;
    const etag = first.headers.get('etag') ?? '';
    const put = (ifMatch: string | null, over: object = {}): Promise<Response> =>
      running.api('PUT', path, { name: ' B ', kind: 'search-servers', all: [], ...over }, running.partnerId, ifMatch === null ? {} : { 'if-match': ifMatch }); // prettier-ignore
    expect((await put(null)).status).toBe(428);
    expect((await put('"stale"')).status).toBe(412);
    expect((await put(etag, { kind: 'search-backupsets' })).status).toBe(422);
    const changed = await put(etag, { columns: ['jobs', 'hostName'] });
    expect(await changed.json()).toMatchObject({ id: made.id, name: 'B', columns: ['jobs', 'hostName'] });
    expect(Object.keys((await resultsOf(made)).items[0] ?? {})).toEqual(['jobs', 'hostName']);
    expect((await put(etag)).status).toBe(412);
    const remove = (ifMatch: string): Promise<Response> =>
      running.api('DELETE', path, undefined, running.partnerId, { 'if-match': ifMatch });
    expect((await remove(etag)).status).toBe(412);
    expect((await remove(changed.headers.get('etag') ?? '')).status).toBe(204);
    expect((await running.api('GET', path)).status).toBe(404);
  });

  it('is listed by kind, in both directions, page by page', async () => {
    const who: Partial<Identity> = { partnerId: uuidv7(8) as Identity['partnerId'] };
    const ids: string[] = [];
    for (const kind of ['search-servers', 'search-backupsets', 'search-servers'])
      ids.push((await saved({ kind }, who)).id);
    const list = async (query: string) =>
      (await (await running.apiAs(who, 'GET', `/saved-searches?${query}`)).json()) as { items: Search[]; nextCursor: string | null; total?: number }; // prettier-ignore
    const idsOf = ({ items }: { items: Search[] }): string[] => items.map(({ id }) => id);
    expect(idsOf(await list('sort=createdAt'))).toEqual(ids);
    const first = await list('sort=-createdAt&limit=2&total=true');
    expect([idsOf(first), first.total]).toEqual([[ids[2], ids[1]], 3]);
    expect(idsOf(await list(`sort=-createdAt&limit=2&cursor=${first.nextCursor}`))).toEqual([ids[0]]);
    const servers = await list('kind=search-servers&total=true');
    expect([idsOf(servers), servers.total]).toEqual([[ids[0], ids[2]], 2]);
  });

  it('is bounded: a partner has a thousand', async () => {
    const who: Partial<Identity> = { partnerId: uuidv7(9) as Identity['partnerId'] };
    await running.query(
      `INSERT INTO saved_search SELECT gen_random_uuid(), $1, NULL, 'x', 'search-servers', '[]', '{jobs}', 'test', 1, now(), now()
       FROM generate_series(1, 999)`,
      [who.partnerId],
    );
    const both = await Promise.all([1, 2].map(() => save({ kind: 'search-servers' }, who)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
  });

  it('leaves its entries in the audit trail, downloads too', async () => {
    const { kafka, prefix } = running.kafka;
    const consumer = kafka.consumer({ groupId: `${prefix}searches` });
    const actions = new Set<string>();
    await consumer.connect();
    await consumer.subscribe({ topics: [prefix + auditEntries.name], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) =>
        void actions.add((JSON.parse(String(message.value)) as { action: string }).action),
    });
    const wanted = ['create', 'change', 'remove', 'export'].map((verb) => `saved-search.${verb}`);
    await eventually(() => wanted.every((action) => actions.has(action)));
    await consumer.disconnect();
  });
});

describe('pages', () => {
  it.each(SEARCH_KINDS)('%s: each row once while rows are added', async (kind) => {
    const search = await saved({ kind });
    const whole = (await resultsOf(search)).items;
    const seen: Row[] = [];
    let cursor = '';
    for (let page = 0; page < 20; page += 1) {
      const { items, nextCursor } = await resultsOf(search, `?limit=1${cursor}`);
      seen.push(...items);
      // Before all others, and so behind what was shown.
      if (page === 0) await addRows();
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(whole);
    expect((await resultsOf(search, '?limit=1')).items).toMatchObject([{ accountNo: 1 }]);
    await running.query('DELETE FROM expectation WHERE account_no = 1');
    await running.query('DELETE FROM account WHERE account_no = 1');
    await running.query('DELETE FROM event WHERE account_no = 1');
  });

  async function addRows(): Promise<void> {
    await running.query("INSERT INTO account VALUES (1, $1, $2, NULL, 'early', 'EARLY')", [running.partnerId, CUST_ID]); // prettier-ignore
    for (const agent of ['ahsay', 'asigra', 'shadowprotect'])
      await running.query(
        `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, status, known_since, heard)
         VALUES (1, hashtextextended($2, 0), $1, 0, 'waiting', now(), json_build_object('agent', $2::text, 'machineClass', 'server'))`,
        [running.partnerId, agent],
      );
    await running.query(
      `INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
         is_conclusive, is_success, type, severity, body)
       VALUES ($3, $1, gen_random_uuid(), '', 1, $2, 1, 1, now(), true, true, 'backup.completed', 'OK', '{}')`,
      [running.partnerId, CUST_ID, uuidv7(systemClock.now().getTime() + HOUR_MS)],
    );
  }

  it('a partner with many accounts is looked through window by window; a page says how far it came', async () => {
    await running.query(
      `INSERT INTO account SELECT 90000000 + n, $1, 1, NULL, 'bulk', 'HAY' FROM generate_series(1, 450) n`,
      [BULK],
    );
    await running.query(
      `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, status, known_since, heard)
       SELECT 90000000 + n, j, $1, 0, 'waiting', now(), json_build_object('jobName', CASE WHEN n = 430 THEN 'needle' ELSE 'hay' END)
       FROM generate_series(1, 450) n, generate_series(1, 2) j`,
      [BULK],
    );
    const finder = new RowFinder(new UnitOfWork(running.database.dataSource), systemClock, -1);
    const search: SearchSettings = {
      name: 'Needle',
      kind: 'search-backupsets',
      all: [{ field: 'jobName', operator: 'equals', term: 'NEEDLE' }],
      columns: ['jobName'],
    };
    const scope = wholePartner(BULK);
    const first = await finder.find(scope, search, null, 1);
    expect(first).toEqual({ rows: [], next: [90000201, null], searchedTo: 'account 90000200' });
    const second = await finder.find(scope, search, first.next, 1);
    expect(second.next).toEqual([90000401, null]);
    const third = await finder.find(scope, search, second.next, 1);
    expect([third.rows.length, third.next, third.searchedTo]).toEqual([
      1,
      [90000430, '0000000000000001'],
      null,
    ]);
    const fourth = await finder.find(scope, search, third.next, 1);
    expect([fourth.rows.length, fourth.next, fourth.searchedTo]).toEqual([1, null, null]);
    expect(await finder.count(scope, search)).toEqual({ count: 0, isExact: false });
    expect(finder.beyond([90000201, null])).toBe('accounts from 90000201');
    const patient = new RowFinder(new UnitOfWork(running.database.dataSource), systemClock, 60_000);
    expect(await patient.count(scope, { ...search, all: [] })).toEqual({ count: 900, isExact: true });
    expect((await patient.find(scope, search, null, 5)).rows).toHaveLength(2);
  });

  it('a window that takes too long is a 503, and nothing hangs', async () => {
    const search = await saved({ kind: 'search-servers' });
    const client = new pg.Client({ connectionString: running.database.url });
    await client.connect();
    try {
      await client.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
      const answer = await running.api('GET', `/saved-searches/${search.id}/results`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    } finally {
      await client.end();
    }
  });
});

it('every column of a view can be named', () => {
  for (const kind of SEARCH_KINDS)
    expect(ALL_COLUMNS).toEqual(expect.arrayContaining([...KINDS[kind].columns]));
});
