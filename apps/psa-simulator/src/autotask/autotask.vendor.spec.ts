import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, startForTest, type Reply, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const TICKET = {
  companyID: 175, title: 'Backup failed', status: 1, priority: 2, queueID: 29682833,
  dueDateTime: '2026-11-21T10:00:00Z', externalID: 'BKA',
}; // prettier-ignore
const create = (overrides: Record<string, unknown> = {}): Promise<Reply> =>
  running.autotask('POST', '/Tickets', { ...TICKET, ...overrides });
const idOf = (reply: Reply): number => (reply.json as { itemId: number }).itemId;
const query = (filter: unknown, more: Record<string, unknown> = {}): Promise<Reply> =>
  running.autotask('POST', '/Tickets/query', { Filter: filter, ...more });
const itemsOf = (reply: Reply): Record<string, unknown>[] =>
  (reply.json as { items: Record<string, unknown>[] }).items;

describe('who may call', () => {
  it.each(['UserName', 'Secret', 'ApiIntegrationCode'])(
    'a wrong %s: 401 without a body, or 500 by a switch',
    async (header) => {
      expect(await running.autotask('GET', '/Tickets/1', undefined, { [header]: 'wrong' })).toMatchObject({
        status: 401,
        text: '',
      });
      await running.admin('PUT', '/switches', { autotaskBadKeysStatus: 500 });
      expect(await running.autotask('GET', '/Tickets/1', undefined, { [header]: null })).toMatchObject({
        status: 500,
        json: { errors: ['IntegrationCode is invalid.'] },
      });
    },
  );

  it('the zone is told without keys, an unknown user is a 500', async () => {
    const base = `${running.simulator.url}/autotask/v1.0/zoneInformation?user=`;
    expect(await call('GET', `${base}api@demo.example`, undefined, {})).toMatchObject({
      status: 200,
      json: { url: `${running.simulator.url}/autotask/ATServicesRest/` },
    });
    expect(await call('GET', `${base}nobody`, undefined, {})).toMatchObject({
      status: 500,
      json: { errors: [expect.any(String)] },
    });
  });
});

describe('a new ticket', () => {
  it('answers with the id only, and is read as an item', async () => {
    const reply = await create();
    expect(reply.json).toEqual({ itemId: expect.any(Number) });
    expect(await running.autotask('GET', `/tickets/${idOf(reply)}`)).toMatchObject({
      json: {
        item: {
          title: 'Backup failed',
          ticketNumber: expect.stringMatching(/^T\d{8}\.\d{4}$/),
          completedDate: null,
        },
      },
    });
  });

  it.each<[what: string, fields: Record<string, unknown>, text: string]>([
    ['no title', { title: undefined }, 'title'],
    ['no company', { companyID: undefined }, 'companyID'],
    ['no due date', { dueDateTime: undefined }, 'dueDateTime'],
    ['neither queue nor resource', { queueID: undefined }, 'queueID'],
    ['a resource without its role', { assignedResourceID: 4 }, 'assignedResourceRoleID'],
    ['an unknown priority', { priority: 99 }, 'Picklist value [99] does not exist for priority'],
    ['an inactive queue', { queueID: 29683355 }, 'Picklist value [29683355] does not exist for queueID'],
    ['a label for a number', { status: 'New' }, 'Conversion failed'],
    ['a title of 256', { title: 'x'.repeat(256) }, 'exceeds maximum length (field:title)'],
    ['an inactive company', { companyID: 177 }, 'Reference value on field: companyID'],
    ['a due date that is none', { dueDateTime: 'soon' }, 'Conversion failed'],
  ])('%s: 500 with the text', async (_what, fields, text) => {
    expect(await create(fields)).toMatchObject({
      status: 500,
      json: { errors: [expect.stringContaining(text)] },
    });
    expect(itemsOf(await query([{ op: 'exist', field: 'id' }]))).toHaveLength(0);
  });

  it.each(['', '[]', 'null', '{"title":'])('the body %j: 500 with a text', async (body) => {
    expect(await running.autotask('POST', '/Tickets', body)).toMatchObject({
      status: 500,
      json: { errors: [expect.any(String)] },
    });
  });
});

describe('changing a ticket', () => {
  it('works on the collection, not on the ticket', async () => {
    const id = idOf(await create());
    expect(await running.autotask('PATCH', `/Tickets/${id}`, { status: 5 })).toMatchObject({ status: 405 });
    expect(await running.autotask('PATCH', '/Tickets', { id, status: 5 })).toMatchObject({
      status: 200,
      json: { itemId: id },
    });
    expect(await running.autotask('GET', `/Tickets/${id}`)).toMatchObject({
      json: { item: { status: 5, completedDate: expect.any(String), externalID: 'BKA' } },
    });
  });

  it('PUT clears what it omits', async () => {
    const id = idOf(await create());
    await running.autotask('PUT', '/Tickets', { ...TICKET, externalID: undefined, id });
    expect(await running.autotask('GET', `/Tickets/${id}`)).toMatchObject({
      json: { item: { externalID: '' } },
    });
  });

  it('a missing ticket is a null item to read and a 500 to write; DELETE does not exist', async () => {
    expect(await running.autotask('GET', '/Tickets/9')).toMatchObject({ status: 200, json: { item: null } });
    expect(await running.autotask('PATCH', '/Tickets', { id: 9, status: 5 })).toMatchObject({ status: 500 });
    expect(await running.autotask('DELETE', '/Tickets/9')).toMatchObject({ status: 405 });
  });
});

describe('notes', () => {
  const note = { title: 't', description: 'd', noteType: 3, publish: 2 };
  it('need values of their picklists', async () => {
    const path = `/Tickets/${idOf(await create())}/Notes`;
    expect(await running.autotask('POST', path, note)).toMatchObject({
      status: 200,
      json: { itemId: expect.any(Number) },
    });
    expect(await running.autotask('POST', path, { ...note, noteType: 13 })).toMatchObject({
      status: 500,
      json: { errors: [expect.stringContaining('Picklist value [13] does not exist for noteType')] },
    });
    expect(await running.autotask('POST', path, { ...note, publish: undefined })).toMatchObject({
      status: 500,
    });
    expect(await running.autotask('POST', '/Tickets/9/Notes', note)).toMatchObject({ status: 500 });
  });
});

describe('queries', () => {
  const eq = (field: string, value: unknown) => ({ op: 'eq', field, value });

  it.each<[filter: unknown, count: number]>([
    [[eq('externalID', 'bka')], 1],
    [[eq('EXTERNALid', 'BKA'), eq('status', 1)], 1],
    [[eq('externalID', 'BKA'), eq('status', 5)], 0],
    [[{ op: 'or', items: [eq('status', 5), eq('priority', 2)] }], 2],
    [[{ op: 'and', items: [eq('companyID', 175), { op: 'notIn', field: 'status', value: [5] }] }], 2],
    [[{ op: 'in', field: 'externalID', value: ['BKA', 'BKB'] }], 2],
    [[{ op: 'beginsWith', field: 'title', value: 'back' }], 2],
    [[{ op: 'contains', field: 'title', value: 'nothing' }], 0],
    [[{ op: 'gt', field: 'createDate', value: '2020-01-01T00:00:00Z' }], 2],
    [[{ op: 'notExist', field: 'completedDate' }], 2],
    [[{ op: 'noteq', field: 'externalID', value: 'BKA' }], 1],
  ])('%j finds %i', async (filter, count) => {
    await create();
    await create({ externalID: 'BKB' });
    expect(itemsOf(await query(filter))).toHaveLength(count);
  });

  it.each<[what: string, filter: unknown]>([
    ['no filter', undefined],
    ['an empty filter', []],
    ['an unknown field', [eq('nope', 1)]],
    ['a field that cannot be queried', [eq('creatorType', 1)]],
    ['an unknown operator', [{ op: 'like', field: 'title', value: 'x' }]],
    ['a label for a number', [eq('status', 'New')]],
    ['a group without items', [{ op: 'or' }]],
    ['more than 500 alternatives', [{ op: 'or', items: Array.from({ length: 501 }, (_, i) => eq('id', i)) }]],
  ])('%s: 500', async (_what, filter) => {
    expect(await query(filter)).toMatchObject({ status: 500, json: { errors: [expect.any(String)] } });
  });

  it('pages by a link of its own host, and ends with null', async () => {
    for (let made = 0; made < 3; made += 1) await create();
    const first = await query([{ op: 'exist', field: 'id' }], { MaxRecords: 2, IncludeFields: ['title'] });
    expect(Object.keys(itemsOf(first)[0] ?? {})).toEqual(['id', 'title']);
    const { nextPageUrl } = (first.json as { pageDetails: { nextPageUrl: string } }).pageDetails;
    expect(nextPageUrl).toContain(running.simulator.url);
    const next = await running.autotask(
      'POST',
      nextPageUrl.replace(`${running.simulator.url}/autotask/V1.0`, ''),
    );
    expect(itemsOf(next)).toHaveLength(1);
    expect(next.json).toMatchObject({ pageDetails: { nextPageUrl: null, prevPageUrl: expect.any(String) } });
  });

  it('also come as GET, and are counted', async () => {
    await create();
    const search = encodeURIComponent(JSON.stringify({ filter: [eq('status', 1)] }));
    expect(itemsOf(await running.autotask('GET', `/Tickets/query?search=${search}`))).toHaveLength(1);
    expect(
      await running.autotask('POST', '/Tickets/query/count', { filter: [eq('status', 1)] }),
    ).toMatchObject({ json: { queryCount: 1 } });
  });

  it('more than 500 records at once are refused', async () => {
    expect(await query([{ op: 'exist', field: 'id' }], { MaxRecords: 501 })).toMatchObject({ status: 500 });
  });
});

it('picklists hold strings for integer fields, and inactive values too', async () => {
  const reply = await running.autotask('GET', '/Tickets/entityInformation/fields');
  const { fields } = reply.json as {
    fields: { name: string; picklistValues: { value: unknown; isActive: boolean }[] | null }[];
  };
  const queues = fields.find(({ name }) => name === 'queueID')?.picklistValues ?? [];
  expect(queues.every(({ value }) => typeof value === 'string')).toBe(true);
  expect(queues.some(({ isActive }) => !isActive)).toBe(true);
});
