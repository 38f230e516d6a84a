import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, startForTest, type Reply, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const TICKET = { company: { id: 250 }, summary: 'Backup failed', externalXRef: 'BKA' };
const create = (overrides: Record<string, unknown> = {}): Promise<Reply> =>
  running.connectwise('POST', '/service/tickets', { ...TICKET, ...overrides });
const idOf = (reply: Reply): number => (reply.json as { id: number }).id;
const search = (conditions: string, more = ''): Promise<Reply> =>
  running.connectwise('GET', `/service/tickets?conditions=${encodeURIComponent(conditions)}${more}`);

describe('who may call', () => {
  it('wrong or missing keys: 401 with the vendor code', async () => {
    for (const authorization of [null, 'Basic eDp5', 'Bearer x']) {
      const reply = await running.connectwise('GET', '/system/info', undefined, { authorization });
      expect(reply).toMatchObject({ status: 401, json: { code: 'Unauthorized' } });
    }
  });

  it('a missing or malformed clientId: 400, or 401 by a switch', async () => {
    for (const clientId of [null, 'not-a-guid']) {
      expect(await running.connectwise('GET', '/system/info', undefined, { clientId })).toMatchObject({
        status: 400,
      });
    }
    await running.admin('PUT', '/switches', { connectwiseClientIdStatus: 401 });
    expect(await running.connectwise('GET', '/system/info', undefined, { clientId: null })).toMatchObject({
      status: 401,
    });
  });

  it('companyinfo needs no keys; an unknown company is null', async () => {
    const { url } = running.simulator;
    const info = await call('GET', `${url}/connectwise/login/companyinfo/demo`, undefined, {});
    expect(info.json).toMatchObject({ Codebase: 'v4_6_release/', IsCloud: 'False' });
    expect(await call('GET', `${url}/connectwise/login/companyinfo/other`, undefined, {})).toMatchObject({
      status: 200,
      json: null,
    });
  });

  it('an unknown path is 404, a verb that a path does not have 405', async () => {
    expect(await running.connectwise('GET', '/service/unicorns')).toMatchObject({ status: 404 });
    expect(await running.connectwise('DELETE', '/service/boards')).toMatchObject({ status: 405 });
  });
});

describe('a new ticket', () => {
  it('comes back whole, with the defaults of the API member and without the initial texts', async () => {
    const reply = await create({ initialDescription: 'secret plan' });
    expect(reply).toMatchObject({
      status: 201,
      json: { board: { id: 12 }, status: { id: 101 }, priority: { id: 8 }, closedFlag: false },
    });
    expect(reply.text).not.toContain('secret plan');
    expect(reply.headers.get('x-cw-request-id')).toBeTruthy();
  });

  it.each<[what: string, fields: Record<string, unknown>, code: string, field: string]>([
    ['no summary', { summary: undefined }, 'MissingRequiredField', 'summary'],
    ['no company', { company: undefined }, 'MissingRequiredField', 'company'],
    ['a summary of 101', { summary: 'x'.repeat(101) }, 'MaxLengthField', 'summary'],
    ['a reference of 101', { externalXRef: 'x'.repeat(101) }, 'MaxLengthField', 'externalXRef'],
    ['an unknown company', { company: { id: 9 } }, 'NotFound', 'company/id'],
    ['a deleted company', { company: { id: 252 } }, 'NotFound', 'company/id'],
    ['an unknown board', { board: { id: 9 } }, 'NotFound', 'board/id'],
    ['a status of another board', { board: { id: 14 }, status: { id: 101 } }, 'NotFound', 'status/id'],
    ['an inactive status', { status: { id: 105 } }, 'NotFound', 'status/id'],
    ['an unknown priority', { priority: { name: 'None' } }, 'NotFound', 'priority/name'],
    ['an odd severity', { severity: 'Enormous' }, 'InvalidField', 'severity'],
  ])('%s: 400', async (_what, fields, code, field) => {
    expect(await create(fields)).toMatchObject({
      status: 400,
      json: { code: 'InvalidObject', errors: [{ code, field }] },
    });
  });

  it.each(['', '[]', 'null', '"x"', '{"summary":', '1'])('the body %j: 400', async (body) => {
    expect(await running.connectwise('POST', '/service/tickets', body)).toMatchObject({ status: 400 });
  });
});

describe('changing a ticket', () => {
  const patch = async (operations: unknown): Promise<Reply> =>
    running.connectwise('PATCH', `/service/tickets/${idOf(await create())}`, operations);
  const set = (path: string, value: unknown): unknown[] => [{ op: 'replace', path, value }];

  it('closes by a closing status, and reopens', async () => {
    const id = idOf(await create());
    const path = `/service/tickets/${id}`;
    expect(await running.connectwise('PATCH', path, set('status', { id: 104 }))).toMatchObject({
      status: 200,
      json: { closedFlag: true, closedDate: expect.any(String) },
    });
    expect(await running.connectwise('PATCH', path, set('status', { name: 'New' }))).toMatchObject({
      json: { closedFlag: false },
    });
  });

  it('accepts what changes nothing: a path into an object, a derived field', async () => {
    expect(await patch(set('status/id', 104))).toMatchObject({ status: 200, json: { closedFlag: false } });
    expect(await patch(set('closedFlag', true))).toMatchObject({ status: 200, json: { closedFlag: false } });
  });

  it.each([
    ['no list', { op: 'replace' }],
    ['an unknown op', [{ op: 'Replace', path: 'summary', value: 'x' }]],
    ['a leading slash', set('/summary', 'x')],
    ['a path in another case', set('Summary', 'x')],
    ['a status of another board', set('status', { id: 203 })],
    ['no summary', set('summary', '')],
    ['a null operation', [null]],
  ])('%s: 400', async (_what, operations) => {
    expect(await patch(operations)).toMatchObject({ status: 400 });
  });

  it('moves to another board with a status of that board', async () => {
    const moved = await patch([...set('board', { id: 14 }), ...set('status', { id: 202 })]);
    expect(moved).toMatchObject({ status: 200, json: { board: { id: 14 }, status: { id: 202 } } });
  });

  it('PUT resets what it omits, DELETE removes', async () => {
    const id = idOf(await create({ priority: { id: 6 } }));
    expect(
      await running.connectwise('PUT', `/service/tickets/${id}`, { summary: 'new', company: { id: 250 } }),
    ).toMatchObject({ json: { priority: { id: 8 } } });
    expect(await running.connectwise('DELETE', `/service/tickets/${id}`)).toMatchObject({ status: 204 });
    expect(await running.connectwise('GET', `/service/tickets/${id}`)).toMatchObject({
      status: 404,
      json: { message: `Ticket ${id} not found` },
    });
  });
});

describe('notes', () => {
  it('need a text and a place to be shown', async () => {
    const path = `/service/tickets/${idOf(await create())}/notes`;
    expect(await running.connectwise('POST', path, { text: 'x' })).toMatchObject({
      status: 400,
      json: { message: 'serviceNote object is invalid' },
    });
    expect(await running.connectwise('POST', path, { internalAnalysisFlag: true })).toMatchObject({
      status: 400,
    });
    expect(await running.connectwise('POST', path, { text: 'x', internalAnalysisFlag: true })).toMatchObject({
      status: 201,
    });
    expect(await running.connectwise('GET', path)).toMatchObject({
      json: [{ text: 'x', internalAnalysisFlag: true }],
    });
    expect(
      await running.connectwise('POST', '/service/tickets/9/notes', {
        text: 'x',
        internalAnalysisFlag: true,
      }),
    ).toMatchObject({ status: 404 });
  });
});

describe('lists', () => {
  it('page by number, with links that end at the ends', async () => {
    for (const summary of ['a', 'b', 'c']) await create({ summary });
    const first = await search('summary != "x"', '&pageSize=2&orderBy=summary desc');
    expect((first.json as { summary: string }[]).map(({ summary }) => summary)).toEqual(['c', 'b']);
    expect(first.headers.get('link')).toMatch(/rel="next"/);
    expect(first.headers.get('link')).not.toMatch(/rel="prev"/);
    const last = await search('summary != "x"', '&pageSize=2&page=2');
    expect(last.json).toHaveLength(1);
    expect(last.headers.get('link')).not.toMatch(/rel="next"/);
  });

  it('page forward only, by id', async () => {
    const ids = [idOf(await create()), idOf(await create())];
    const headers = { 'pagination-type': 'forward-only' };
    const page = await running.connectwise(
      'GET',
      `/service/tickets?pageSize=10&pageId=${ids[0]}`,
      undefined,
      headers,
    );
    expect(page.json).toMatchObject([{ id: ids[1] }]);
    expect(page.headers.get('link')).toContain(`pageId=${ids[1]}`);
  });

  it('give only the fields asked for, and count', async () => {
    await create();
    expect((await search('id > 0', '&fields=id,status/name')).json).toEqual([
      { id: expect.any(Number), status: { id: 101, name: 'New' } },
    ]);
    expect(await running.connectwise('GET', '/service/tickets/count')).toMatchObject({ json: { count: 1 } });
    expect(
      await running.connectwise('POST', '/service/tickets/search', { conditions: 'id < 0' }),
    ).toMatchObject({ json: [] });
  });

  it.each(['nope = 1', 'summary = Backup', 'id ='])(
    'the conditions %j: 400 that lists the rules of literals',
    async (conditions) => {
      const reply = await search(conditions);
      expect(reply).toMatchObject({
        status: 400,
        json: { message: expect.stringContaining('boolean expression') },
      });
    },
  );

  it('the page size ends at 1,000', async () => {
    expect(await search('id > 0', '&pageSize=1001')).toMatchObject({ status: 400 });
  });

  it('deleted companies come back unless the conditions say otherwise', async () => {
    expect((await running.connectwise('GET', '/company/companies?conditions=id%3C1000')).json).toHaveLength(
      3,
    );
    expect(
      (
        await running.connectwise(
          'GET',
          '/company/companies?conditions=deletedFlag%3DFalse%20and%20id%3C1000',
        )
      ).json,
    ).toHaveLength(2);
  });
});

it('merging closes the child and names its parent', async () => {
  const [parent, child] = [idOf(await create()), idOf(await create())];
  const open = await running.connectwise('POST', `/service/tickets/${parent}/merge`, {
    mergeTicketIds: [child],
    status: { id: 101 },
  });
  expect(open).toMatchObject({ status: 200, json: { success: false } });
  await running.connectwise('POST', `/service/tickets/${parent}/merge`, {
    mergeTicketIds: [child],
    status: { id: 104 },
  });
  const merged = await running.connectwise('GET', `/service/tickets/${child}`);
  expect(merged).toMatchObject({ json: { closedFlag: true, mergedParentTicket: { id: parent } } });
});
