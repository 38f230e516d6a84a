import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, startForTest, type Reply, type Running } from '../testing/clients.js';
import { penaltyMs, RequestBudget } from '../vendor/request-budget.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const TICKET = {
  companyID: 175, title: 'Backup failed', status: 1, priority: 2, queueID: 29682833,
  dueDateTime: '2026-11-21T10:00:00Z',
}; // prettier-ignore
const create = (overrides: Record<string, unknown> = {}): Promise<Reply> =>
  running.autotask('POST', '/Tickets', { ...TICKET, ...overrides });
const read = async (reply: Reply): Promise<Record<string, unknown>> => {
  const { itemId } = reply.json as { itemId: number };
  return ((await running.autotask('GET', `/Tickets/${itemId}`)).json as { item: Record<string, unknown> })
    .item;
};
const query = (entity: string, filter: unknown): Promise<Reply> =>
  running.autotask('POST', `/${entity}/query`, { Filter: filter });
const count = (reply: Reply): number => (reply.json as { items: unknown[] }).items.length;
const switches = (fields: object): Promise<Reply> => running.admin('PUT', '/switches', fields);

describe('more fields of a ticket', () => {
  const FIELDS = {
    ticketType: 5, ticketCategory: 2, source: 8, issueType: 11, subIssueType: 111, contactID: 301,
    contractID: 902, companyLocationID: 285, rmmAlertID: 'alert-1', assignedResourceID: 1, assignedResourceRoleID: 1,
  }; // prettier-ignore

  it('are kept and given back, and cleared by a PUT that leaves them out', async () => {
    const reply = await create(FIELDS);
    expect(await read(reply)).toMatchObject({ ...FIELDS, creatorResourceID: 3 });
    const { itemId: id } = reply.json as { itemId: number };
    await running.autotask('PUT', '/Tickets', { ...TICKET, id });
    expect(await read(reply)).toMatchObject({ ticketType: null, contactID: null, creatorResourceID: 3 });
  });

  it.each<[what: string, fields: object, text: string]>([
    ['an inactive contact', { contactID: 302 }, 'Reference value on field: contactID of type: Contact does not exist or is invalid.'],
    ['a contract that is not there', { contractID: 1 }, 'Reference value on field: contractID'],
    ['a resource that is not there', { assignedResourceID: 99, assignedResourceRoleID: 1 }, 'assignedResourceID'],
    ['a location of another company', { companyLocationID: 286 }, 'The companyLocationID[286] cannot be associated with the Ticket'],
    ['an unknown source', { source: 99 }, 'Picklist value [99] does not exist for source'],
  ])('%s: 500 with the text', async (_what, fields, text) => {
    expect(await create(fields as Record<string, unknown>)).toMatchObject({ status: 500, json: { errors: [expect.stringContaining(text)] } });
  }); // prettier-ignore

  it('a due date is needed, or not, by a switch', async () => {
    expect(await create({ dueDateTime: undefined })).toMatchObject({ status: 500 });
    await switches({ autotaskNeedsDueDate: false });
    expect(await create({ dueDateTime: undefined })).toMatchObject({ status: 200 });
  });

  it('user-defined ones are found with udf, and unknown without', async () => {
    await create({ userDefinedFields: [{ name: 'Backup Job', value: 'Nightly' }] });
    await create();
    const item = { op: 'eq', field: 'backup job', value: 'nightly' };
    expect(count(await query('Tickets', [{ ...item, udf: true }]))).toBe(1);
    expect(await query('Tickets', [item])).toMatchObject({ status: 500 });
    expect(await query('Tickets', [{ ...item, field: 'Other', udf: true }])).toMatchObject({ status: 500 });
    expect(await running.autotask('GET', '/Tickets/entityInformation/userDefinedFields')).toMatchObject({
      json: { fields: [{ name: 'Backup Job' }] },
    });
  });
});

it('resources and contacts are queried and read; one that is not there is null', async () => {
  expect(count(await query('Resources', [{ op: 'eq', field: 'isActive', value: true }]))).toBe(3);
  expect(await running.autotask('GET', '/Resources/3')).toMatchObject({
    json: { item: { userName: 'api@demo.example' } },
  });
  expect(count(await query('Contacts', [{ op: 'eq', field: 'companyID', value: 175 }]))).toBe(2);
  expect(await running.autotask('GET', '/Contacts/9')).toMatchObject({ status: 200, json: { item: null } });
});

it('one note is read by its id', async () => {
  const { itemId } = (await create()).json as { itemId: number };
  const note = { title: 't', description: 'd', noteType: 3, publish: 2 };
  const made = await running.autotask('POST', `/Tickets/${itemId}/Notes`, note);
  const id = (made.json as { itemId: number }).itemId;
  expect(await running.autotask('GET', `/TicketNotes/${id}`)).toMatchObject({
    json: { item: { description: 'd', ticketID: itemId } },
  });
  expect(await running.autotask('GET', '/TicketNotes/9')).toMatchObject({ json: { item: null } });
});

it('an API user that may only read is told so: 500 with the text, nothing done', async () => {
  const { itemId: id } = (await create()).json as { itemId: number };
  await switches({ autotaskCanWrite: false });
  const refusal = { status: 500, json: { errors: [expect.stringContaining('adequate permissions')] } };
  expect(await create()).toMatchObject(refusal);
  expect(await running.autotask('PATCH', '/Tickets', { id, status: 5 })).toMatchObject(refusal);
  expect(count(await query('Tickets', [{ op: 'eq', field: 'status', value: 1 }]))).toBe(1);
});

it('errors come as texts, or as objects by a switch; a failure may give a text of its own', async () => {
  await switches({ autotaskErrorObjects: true });
  expect(await create({ title: undefined })).toMatchObject({
    status: 500,
    json: { errors: [{ message: expect.stringContaining('title') }] },
  });
  await running.admin('POST', '/faults', { kind: 'status', text: 'Deadlock victim', times: 1 });
  expect(await create()).toMatchObject({ status: 500, json: { errors: ['Deadlock victim'] } });
});

it('the versions are told without keys', async () => {
  const url = `${running.simulator.url}/autotask/atservicesrest/versioninformation`;
  expect(await call('GET', url, undefined, {})).toMatchObject({ json: { apiVersions: ['v1.0'] } });
});

it('a query in an address that is too long is refused; posted it is answered', async () => {
  const filter = [{ op: 'noteq', field: 'title', value: 'x'.repeat(2_100) }];
  const search = encodeURIComponent(JSON.stringify({ filter }));
  expect(await running.autotask('GET', `/Tickets/query?search=${search}`)).toMatchObject({ status: 414 });
  expect(await query('Tickets', filter)).toMatchObject({ status: 200 });
});

describe('limits', () => {
  it('the hourly budget is told, makes calls slow from half of it on, and ends', async () => {
    // Whatever was asked before in this hour counts too.
    const { currentTimeframeRequestCount: used } = (await running.autotask('GET', '/ThresholdInformation'))
      .json as { currentTimeframeRequestCount: number };
    await switches({ autotaskRequestsPerHour: used + 1 });
    const started = performance.now();
    expect(await running.autotask('GET', '/ThresholdInformation')).toMatchObject({
      json: { externalRequestThreshold: used + 1, currentTimeframeRequestCount: used + 1 },
    });
    expect(performance.now() - started).toBeGreaterThanOrEqual(490);
    const over = await running.autotask('GET', '/ThresholdInformation');
    expect(over).toMatchObject({ status: 429, json: { errors: [expect.stringContaining('threshold')] } });
    expect(over.headers.get('retry-after')).toBeNull();
  });

  it.each([
    [0, 0, 0],
    [499, 1000, 0],
    [500, 1000, 500],
    [749, 1000, 500],
    [750, 1000, 1000],
    [5000, 0, 0],
  ])('%i of %i requests wait %i ms', (used, limit, waitMs) => {
    expect(penaltyMs(used, limit)).toBe(waitMs);
  });

  it('the window rolls', () => {
    let now = new Date('2026-11-21T10:00:00Z');
    const budget = new RequestBudget(3_600_000, { now: () => now, monotonicMs: () => 0 });
    budget.use();
    now = new Date('2026-11-21T10:30:00Z');
    expect(budget.use()).toBe(2);
    now = new Date('2026-11-21T11:00:59Z');
    expect(budget.count()).toBe(1);
    now = new Date('2026-11-21T11:31:00Z');
    expect(budget.count()).toBe(0);
  });

  it('a fourth request at once is 429, or 500 by a switch', async () => {
    const busy = await startForTest();
    const ask = (): Promise<Reply> => busy.autotask('GET', '/Tickets/1');
    await busy.admin('POST', '/faults', { kind: 'hang', match: 'get', times: 3 });
    const held = Promise.allSettled([ask(), ask(), ask()]);
    const arrived = async (): Promise<number> =>
      ((await busy.admin('GET', '/requests?operation=get')).json as { items: unknown[] }).items.length;
    while ((await arrived()) < 3);
    expect(await ask()).toMatchObject({ status: 429, text: expect.stringContaining('Itgenatr005') });
    await busy.admin('PUT', '/switches', { autotaskThreadLimitStatus: 500 });
    expect(await ask()).toMatchObject({ status: 500, text: expect.stringContaining('Itgenatr005') });
    await busy.simulator.close();
    expect((await held).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
