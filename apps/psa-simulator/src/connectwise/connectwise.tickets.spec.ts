import { get as httpGet } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startForTest, type Reply, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const TICKET = { company: { id: 250 }, summary: 'Backup failed' };
const create = (overrides: Record<string, unknown> = {}): Promise<Reply> =>
  running.connectwise('POST', '/service/tickets', { ...TICKET, ...overrides });
const idOf = (reply: Reply): number => (reply.json as { id: number }).id;
const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
  running.connectwise('GET', path, undefined, headers);
const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const patch = (id: number, ...operations: unknown[]): Promise<Reply> =>
  running.connectwise('PATCH', `/service/tickets/${id}`, operations);
const switches = (fields: object): Promise<Reply> => running.admin('PUT', '/switches', fields);

describe('references of a ticket', () => {
  it('come back expanded, and are looked up on its board and in its company', async () => {
    const references = {
      team: { id: 31 }, type: { name: 'Backup' }, source: { name: 'Monitoring' },
      owner: { identifier: 'JDoe' }, agreement: { id: 81 },
    }; // prettier-ignore
    expect(await create(references)).toMatchObject({
      status: 201,
      json: {
        team: { id: 31, name: 'Monitoring' },
        type: { id: 41, name: 'Backup' },
        source: { id: 3 },
        owner: { id: 1, identifier: 'JDoe' },
        agreement: { name: 'Backup' },
      },
    });
  });

  it.each<[what: string, fields: Record<string, unknown>, field: string]>([
    ['a team of another board', { team: { id: 32 } }, 'team/id'],
    ['a type of another board', { type: { id: 43 } }, 'type/id'],
    ['an agreement of another company', { agreement: { id: 83 } }, 'agreement/id'],
    ['an owner who is not there', { owner: { identifier: 'nobody' } }, 'owner/identifier'],
  ])('%s: 400', async (_what, fields, field) => {
    expect(await create(fields)).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'NotFound', field }] },
    });
  });

  it('that stand on a board are lost by a move', async () => {
    const id = idOf(await create({ team: { id: 31 }, source: { id: 3 } }));
    const moved = await patch(id, set('board', { id: 14 }));
    expect(moved.json).not.toHaveProperty('team');
    expect(moved).toMatchObject({ json: { status: { id: 201 }, source: { id: 3 } } });
  });

  it('a move without a status of the new board is refused, by a switch', async () => {
    await switches({ connectwiseBoardMove: 'refuse' });
    const id = idOf(await create());
    expect(await patch(id, set('board', { id: 14 }))).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'NotFound', field: 'status/id' }] },
    });
    expect(await patch(id, set('board', { id: 14 }), set('status', { id: 202 }))).toMatchObject({
      status: 200,
    });
  });
});

it.each([
  ['a contact name of 63', { contactName: 'x'.repeat(63) }],
  ['an address of 251', { contactEmailAddress: 'x'.repeat(251) }],
  ['a date with milliseconds', { requiredDate: '2026-11-21T10:00:00.000Z' }],
  ['a date without a zone', { requiredDate: '2026-11-21T10:00:00' }],
])('%s: 400', async (_what, fields) => {
  expect(await create(fields)).toMatchObject({ status: 400, json: { code: 'InvalidObject' } });
});

it('a date of whole seconds is kept', async () => {
  expect(await create({ requiredDate: '2026-11-21T10:00:00Z' })).toMatchObject({
    json: { requiredDate: '2026-11-21T10:00:00Z' },
  });
});

describe('odd paths of a PATCH', () => {
  it('with the lenient switch: a slash and an inner path work, a wrong case changes nothing with 200', async () => {
    const id = idOf(await create());
    await switches({ connectwisePatchPaths: 'lenient' });
    expect(await patch(id, set('/summary', 'slash'))).toMatchObject({ json: { summary: 'slash' } });
    expect(await patch(id, set('status/name', '>Closed'))).toMatchObject({ json: { closedFlag: true } });
    expect(await patch(id, set('Summary', 'case'))).toMatchObject({
      status: 200,
      json: { summary: 'slash' },
    });
    expect(await patch(id, set('nothing', 'x'))).toMatchObject({ status: 400 });
  });
});

describe('tickets among tickets', () => {
  it('a merge names the parent with its summary, and flags the parent', async () => {
    const [parent, child] = [idOf(await create({ summary: 'The parent' })), idOf(await create())];
    const body = { mergeTicketIds: [child], status: { id: 104 } };
    await running.connectwise('POST', `/service/tickets/${parent}/merge`, body);
    expect(await get(`/service/tickets/${child}`)).toMatchObject({
      json: { mergedParentTicket: { id: parent, summary: 'The parent' }, closedBy: 'backhaul' },
    });
    expect(await get(`/service/tickets/${parent}`)).toMatchObject({
      json: { hasMergedChildTicketFlag: true, hasChildTicket: false },
    });
  });

  it('bundling only links: the children stay open', async () => {
    const [parent, child] = [idOf(await create()), idOf(await create())];
    const attach = (ids: number[]): Promise<Reply> =>
      running.connectwise('POST', `/service/tickets/${parent}/attachChildren`, { childTicketIds: ids });
    expect(await attach([child])).toMatchObject({ status: 200, json: { success: true } });
    expect(await attach([parent])).toMatchObject({ status: 200, json: { success: false } });
    expect(await attach([9])).toMatchObject({ status: 404 });
    expect(await get(`/service/tickets/${child}`)).toMatchObject({
      json: { parentTicketId: parent, closedFlag: false },
    });
    expect(
      await get(`/service/tickets?conditions=${encodeURIComponent('hasChildTicket=true')}`),
    ).toMatchObject({ json: [{ id: parent }] });
  });

  it('one that became a project ticket is 404, and in no list', async () => {
    const id = idOf(await create());
    await running.admin('POST', `/tickets/connectwise/${id}`, { action: 'project' });
    expect(await get(`/service/tickets/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'NotFound', message: `Ticket ${id} not found` },
    });
    expect(await patch(id, set('status', { id: 104 }))).toMatchObject({ status: 404 });
    expect((await get('/service/tickets')).json).toEqual([]);
  });
});

it('one note is read, changed and removed; all notes are listed', async () => {
  const id = idOf(await create());
  const notes = `/service/tickets/${id}/notes`;
  const note = idOf(await running.connectwise('POST', notes, { text: 'x', resolutionFlag: true }));
  expect(await get(`${notes}/${note}`)).toMatchObject({ json: { text: 'x', createdBy: 'backhaul' } });
  const change = (...operations: unknown[]): Promise<Reply> =>
    running.connectwise('PATCH', `${notes}/${note}`, operations);
  expect(await change(set('text', 'y'))).toMatchObject({ status: 200, json: { text: 'y' } });
  expect(await change(set('text', ''))).toMatchObject({ status: 400 });
  expect(await change(set('resolutionFlag', false))).toMatchObject({ status: 400 });
  expect(await get(`/service/tickets/${id}/allNotes`)).toMatchObject({ json: [{ text: 'y' }] });
  expect(await running.connectwise('DELETE', `${notes}/${note}`)).toMatchObject({ status: 204 });
  expect(await get(`${notes}/${note}`)).toMatchObject({ status: 404 });
});

describe('lists', () => {
  it('are filtered by custom fields, in the address and in the body of a search', async () => {
    const custom = (value: string) => ({ customFields: [{ id: 1, caption: 'Device', value }] });
    const id = idOf(await create(custom('SRV-01')));
    await create(custom('SRV-02'));
    await create();
    const conditions = 'caption = "Device" and value = "SRV-01"';
    const listed = await get(`/service/tickets?customFieldConditions=${encodeURIComponent(conditions)}`);
    expect(listed).toMatchObject({ json: [{ id }] });
    expect(listed.json).toHaveLength(1);
    const body = { conditions: 'id > 0', customfieldconditions: conditions };
    expect((await running.connectwise('POST', '/service/tickets/search', body)).json).toHaveLength(1);
    expect(
      await running.connectwise('POST', '/service/tickets/search', { customfieldconditions: 'nope = 1' }),
    ).toMatchObject({ status: 400 });
  });

  it('a search by body sorts by its own order', async () => {
    for (const summary of ['b', 'a', 'c']) await create({ summary });
    const found = await running.connectwise('POST', '/service/tickets/search', { orderBy: 'summary desc' });
    expect((found.json as { summary: string }[]).map(({ summary }) => summary)).toEqual(['c', 'b', 'a']);
  });

  it('an address of more than 2,000 characters is refused: long conditions go in a search', async () => {
    const conditions = `summary != "${'x'.repeat(2000)}"`;
    const long = await get(`/service/tickets?conditions=${encodeURIComponent(conditions)}`);
    expect(long.status).toBe(414);
    expect(await running.connectwise('POST', '/service/tickets/search', { conditions })).toMatchObject({ status: 200 }); // prettier-ignore
  });

  it.each([
    'service/boards', 'service/priorities', 'service/sources', 'service/severities', 'service/impacts',
    'service/boards/12/statuses', 'service/boards/12/teams', 'service/boards/12/types', 'company/companies',
    'finance/agreements', 'system/members',
  ])('%s is listed, counted and read one by one', async (path) => {
    const [row] = (await get(`/${path}`)).json as { id: number }[];
    expect(await get(`/${path}/${row?.id}`)).toMatchObject({ status: 200, json: { id: row?.id } });
    expect(await get(`/${path}/count`)).toMatchObject({ json: { count: expect.any(Number) } });
    expect(await get(`/${path}/999999`)).toMatchObject({ status: 404 });
  }); // prettier-ignore

  it('nothing is on a board that is not there', async () => {
    expect(await get('/service/boards/99/statuses')).toMatchObject({ status: 404 });
  });
});

describe('around the API', () => {
  it('too many requests in a minute are 429 with the time to wait', async () => {
    await switches({ connectwiseRequestsPerMinute: 2 });
    const statuses = [await get('/system/info'), await get('/system/info'), await get('/system/info')];
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(statuses[2]?.headers.get('retry-after')).toBe('30');
  });

  it('a limiter in front answers with a page, and an empty answer is 200', async () => {
    await running.admin('POST', '/faults', { kind: 'rate_limit_page', retryAfter: 20, times: 1 });
    const limited = await create();
    expect(limited.status).toBe(429);
    expect(limited.headers.get('content-type')).toBe('text/html');
    expect(limited.headers.get('retry-after')).toBeNull();
    expect(limited.text).toContain('Wait 20 seconds');
    await running.admin('POST', '/faults', { kind: 'empty_200', times: 1 });
    expect(await create()).toMatchObject({ status: 200, text: '' });
    expect((await get('/service/tickets')).json).toHaveLength(1);
  });

  it('wrong keys may be hidden behind a 404 of a cloud host, and an unknown company behind one', async () => {
    await switches({ connectwiseCloudBadKeysStatus: 404, connectwiseUnknownCompanyStatus: 404 });
    // The cloud has the API at its root. `fetch` lets nobody choose the host.
    const status = (path: string, headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = httpGet(`${running.simulator.url}${path}`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        asked.on('error', reject);
      });
    const cloud = { host: 'api-na.myconnectwise.net', authorization: 'Basic eDp5' };
    expect(await status('/v2025_1/apis/3.0/system/info', cloud)).toBe(404);
    expect(await get('/system/info', { authorization: 'Basic eDp5' })).toMatchObject({ status: 401 });
    expect(await status('/connectwise/login/companyinfo/other', {})).toBe(404);
  });

  it('a failure may give a reason of its own', async () => {
    await running.admin('POST', '/faults', { kind: 'status', text: 'Execution timeout expired', times: 1 });
    expect(await create()).toMatchObject({ status: 500, json: { message: 'Execution timeout expired' } });
    expect(await running.admin('POST', '/faults', { kind: 'status', text: 7 })).toMatchObject({
      status: 400,
    });
  });

  it('documents want a form, not JSON', async () => {
    expect(await running.connectwise('POST', '/system/documents', {})).toMatchObject({ status: 415 });
  });
});
