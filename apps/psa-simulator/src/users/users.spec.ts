import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, connectWiseKeys, startForTest, type Reply, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

interface NewResource {
  id: number;
  username: string;
  secret: string;
  tracking: { kind: string; identifier: string };
}
interface NewKey {
  id: number;
  publicKey: string;
  privateKey: string;
}

/** What the setup guide asks for; by its own words of the form. */
const GENERAL = {
  firstName: 'Backup',
  lastName: 'Tickets',
  emailAddress: 'backup@msp.example',
  emailType: 'Primary',
  securityLevel: 'API User (System)',
  dateFormat: 'yyyy-MM-dd',
  timeFormat: 'HH:mm',
  numberFormat: 'X,XXX.XX',
  primaryInternalLocation: 'Headquarters',
};
const NEW_USER = { ...GENERAL, integrationName: 'Our tickets' };
const MEMBER = { identifier: 'bkticket', name: 'Backup Tickets', roleId: 63, defaultBoardId: 14 };

const bodyOf = <T>(reply: Reply): T => reply.json as T;
const addResource = async (over: object = {}): Promise<NewResource> =>
  bodyOf(await running.admin('POST', '/autotask/resources', { ...NEW_USER, ...over }));
const autotaskAs = (user: NewResource, over: Record<string, string | null> = {}): Promise<Reply> =>
  running.autotask('GET', '/ThresholdInformation', undefined, {
    UserName: user.username,
    Secret: user.secret,
    ApiIntegrationCode: user.tracking.identifier,
    ...over,
  });
const addMember = async (over: object = {}): Promise<{ id: number }> =>
  bodyOf(await running.admin('POST', '/connectwise/members', { ...MEMBER, ...over }));
const addKey = async (memberId: number, description = 'Tickets'): Promise<NewKey> =>
  bodyOf(await running.admin('POST', `/connectwise/members/${memberId}/keys`, { description }));
const connectwiseAs = (key: NewKey, path = '/system/info', method = 'GET', body?: unknown): Promise<Reply> =>
  running.connectwise(method, path, body, connectWiseKeys(key.publicKey, key.privateKey));

describe('an Autotask API user', () => {
  it('D1: is a new resource, an API user beside the people, that may log in to the API', async () => {
    const user = await addResource();
    const { items } = bodyOf<{ items: { id: number; isApiUser: boolean }[] }>(
      await running.admin('GET', '/autotask/resources'),
    );
    expect(items.map(({ isApiUser }) => isApiUser)).toEqual([false, false, true, true]);
    expect(await autotaskAs(user)).toMatchObject({ status: 200 });
    const { url } = running.simulator;
    const zone = `${url}/autotask/v1.0/zoneInformation?user=${encodeURIComponent(user.username)}`;
    expect(await call('GET', zone, undefined, {})).toMatchObject({ status: 200 });
  });

  it.each(Object.keys(GENERAL))('D2: is refused without %s: 400 that points to it', async (field) => {
    for (const missing of [{ [field]: undefined }, { [field]: ' ' }]) {
      const reply = await running.admin('POST', '/autotask/resources', { ...NEW_USER, ...missing });
      expect(reply).toMatchObject({ status: 400, json: { errors: [{ pointer: `/${field}` }] } });
      expect(reply.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('D2: takes no other email type or security level, and tells every fault at once', async () => {
    const wrong = { emailType: 'Work', securityLevel: 'System Administrator', emailAddress: 'nobody' };
    const reply = await running.admin('POST', '/autotask/resources', { ...NEW_USER, ...wrong });
    expect(reply).toMatchObject({
      status: 400,
      json: {
        errors: [{ pointer: '/emailType' }, { pointer: '/securityLevel' }, { pointer: '/emailAddress' }],
      },
    });
    for (const body of ['[]', '"x"'])
      expect(await running.admin('POST', '/autotask/resources', body)).toMatchObject({ status: 400 });
  });

  it('D3: with another security level is refused by the API, and let in again with the right one', async () => {
    const user = await addResource();
    const level = (securityLevel: string): Promise<Reply> =>
      running.admin('PATCH', `/autotask/resources/${user.id}`, { securityLevel });
    await level('Service Desk User');
    expect(await autotaskAs(user)).toMatchObject({ status: 401, text: '' });
    await level('API User (System)');
    expect(await autotaskAs(user)).toMatchObject({ status: 200 });
  });

  it('D4: has a generated key and secret, and the secret is shown once and never again', async () => {
    const user = await addResource();
    expect(user.username).toMatch(/^[a-z0-9]{15}@demo\.example$/);
    expect(user.secret).toMatch(/^[A-Za-z0-9]{25}$/);
    const listed = await running.admin('GET', '/autotask/resources');
    const changed = await running.admin('PATCH', `/autotask/resources/${user.id}`, { isActive: true });
    const page = await fetch(`${running.simulator.url}/psa/autotask/resources/${user.id}`);
    for (const text of [listed.text, changed.text, await page.text()]) {
      expect(text).toContain(user.username);
      expect(text).not.toContain(user.secret);
    }
  });

  it('D4: with a new secret, the one before is refused', async () => {
    const user = await addResource();
    const renewed = bodyOf<NewResource>(
      await running.admin('POST', `/autotask/resources/${user.id}/secret`, {}),
    );
    expect(renewed.secret).not.toBe(user.secret);
    expect(await autotaskAs(user)).toMatchObject({ status: 401 });
    expect(await autotaskAs(renewed)).toMatchObject({ status: 200 });
  });

  it('D5: gets a tracking identifier of its own with a free name, and is refused without it', async () => {
    const [one, other] = [await addResource(), await addResource({ integrationName: 'Ω & <b>' })];
    expect(one.tracking).toMatchObject({
      kind: 'custom',
      identifier: expect.stringMatching(/^[A-Z0-9]{27}$/),
    });
    for (const ApiIntegrationCode of [null, other.tracking.identifier])
      expect(await autotaskAs(one, { ApiIntegrationCode })).toMatchObject({ status: 401, text: '' });
    expect(
      await running.admin('POST', '/autotask/resources', { ...NEW_USER, integrationName: '' }),
    ).toMatchObject({ status: 400, json: { errors: [{ pointer: '/integrationName' }] } });
  });

  it('may use the identifier of an integration vendor instead', async () => {
    const user = await addResource({ trackingKind: 'vendor', vendor: 'Backhaul' });
    expect(user.tracking).toMatchObject({ kind: 'vendor', identifier: 'BACKHAULVENDORIDENTIFIER001' });
    expect(await autotaskAs(user)).toMatchObject({ status: 200 });
  });

  it.each<[what: string, change: object]>([
    ['inactive', { isActive: false }],
    ['locked', { isLocked: true }],
  ])('%s is refused as wrong keys are', async (_what, change) => {
    const user = await addResource();
    await running.admin('PATCH', `/autotask/resources/${user.id}`, change);
    expect(await autotaskAs(user)).toMatchObject({ status: 401, text: '' });
    expect(await running.admin('PATCH', '/autotask/resources/99', change)).toMatchObject({ status: 404 });
  });

  it('signs what it writes, or lets a resource that it impersonates sign', async () => {
    const user = await addResource();
    const ticket = { companyID: 175, title: 'x', status: 1, priority: 2, queueID: 29682833, dueDateTime: '2026-11-21T10:00:00Z' }; // prettier-ignore
    const keys = {
      UserName: user.username,
      Secret: user.secret,
      ApiIntegrationCode: user.tracking.identifier,
    };
    const create = (headers: Record<string, string>): Promise<Reply> =>
      running.autotask('POST', '/Tickets', ticket, { ...keys, ...headers });
    const author = async (reply: Reply): Promise<unknown> => {
      const { itemId } = bodyOf<{ itemId: number }>(reply);
      const read = await running.admin('GET', `/tickets/autotask/${itemId}`);
      return bodyOf<{ history: { actor: unknown }[] }>(read).history[0]?.actor;
    };
    expect(await author(await create({}))).toEqual({ kind: 'api', name: 'Backup Tickets' });
    expect(await author(await create({ ImpersonationResourceId: '1' }))).toEqual({ kind: 'api', name: 'Jane Doe' }); // prettier-ignore
    expect(await create({ ImpersonationResourceId: '99' })).toMatchObject({ status: 500 });
  });
});

describe('a ConnectWise API member', () => {
  it('E16: has Member ID, name, role and default board; its tickets come to that board', async () => {
    const key = await addKey((await addMember()).id);
    const made = await connectwiseAs(key, '/service/tickets', 'POST', { company: { id: 250 }, summary: 'x' });
    expect(made).toMatchObject({
      status: 201,
      json: { board: { id: 14 }, status: { id: 201 }, _info: { enteredBy: 'bkticket' } },
    });
  });

  it.each(Object.keys(MEMBER))('E16: is refused without %s: 400 that points to it', async (field) => {
    expect(
      await running.admin('POST', '/connectwise/members', { ...MEMBER, [field]: undefined }),
    ).toMatchObject({ status: 400, json: { errors: [{ pointer: `/${field}` }] } });
  });

  it('is refused with a role or board that is not there, a long or taken Member ID', async () => {
    const add = (over: object): Promise<Reply> =>
      running.admin('POST', '/connectwise/members', { ...MEMBER, ...over });
    expect(await add({ roleId: 1 })).toMatchObject({ status: 400 });
    expect(await add({ defaultBoardId: 99 })).toMatchObject({ status: 400 });
    expect(await add({ identifier: 'x'.repeat(16) })).toMatchObject({ status: 400 });
    expect(await add({ identifier: 'BACKHAUL' })).toMatchObject({ status: 409 });
  });

  it('B15, E16: shows a private key once, right after it was made', async () => {
    const { id } = await addMember();
    const key = await addKey(id, 'For tickets');
    expect(await connectwiseAs(key)).toMatchObject({ status: 200 });
    const listed = await running.admin('GET', '/connectwise/members');
    const page = await fetch(`${running.simulator.url}/psa/connectwise/members/${id}`);
    for (const text of [listed.text, await page.text()]) {
      expect(text).toContain('For tickets');
      expect(text).toContain(key.publicKey);
      expect(text).not.toContain(key.privateKey);
    }
    expect(await running.admin('POST', `/connectwise/members/${id}/keys`, {})).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/description' }] },
    });
  });

  it('B18: may have several keys, each of which works until it is removed', async () => {
    const { id } = await addMember();
    const [one, other] = [await addKey(id), await addKey(id, 'Second')];
    expect([await connectwiseAs(one), await connectwiseAs(other)].map(({ status }) => status)).toEqual([
      200, 200,
    ]);
    await running.admin('DELETE', `/connectwise/members/${id}/keys/${one.id}`);
    expect(await connectwiseAs(one)).toMatchObject({ status: 401, json: { code: 'Unauthorized' } });
    expect(await connectwiseAs(other)).toMatchObject({ status: 200 });
    expect(await running.admin('DELETE', `/connectwise/members/${id}/keys/${one.id}`)).toMatchObject({ status: 404 }); // prettier-ignore
  });

  it('B18: takes no licence, and cannot log in to the client', async () => {
    const licences = async (): Promise<unknown> =>
      bodyOf<{ licencesUsed: number }>(await running.admin('GET', '/connectwise/members')).licencesUsed;
    const before = await licences();
    const key = await addKey((await addMember()).id);
    expect(await licences()).toBe(before);
    const made = await connectwiseAs(key, '/service/tickets', 'POST', { company: { id: 250 }, summary: 'x' });
    const path = `/tickets/connectwise/${bodyOf<{ id: number }>(made).id}`;
    expect(await running.admin('POST', path, { action: 'close', as: 'bkticket' })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('API users cannot log in') },
    });
    expect(await running.admin('POST', path, { action: 'close', as: 'JDoe' })).toMatchObject({ status: 204 });
  });

  it('B18: is refused with 403 where its role does not reach', async () => {
    const { id } = await addMember({ roleId: 65 });
    const key = await addKey(id);
    const create = (): Promise<Reply> =>
      connectwiseAs(key, '/service/tickets', 'POST', { company: { id: 250 }, summary: 'x' });
    expect(await create()).toMatchObject({ status: 403, json: { code: 'Security' } });
    expect(await connectwiseAs(key, '/service/tickets/search', 'POST', {})).toMatchObject({ status: 200 });
    await running.admin('PATCH', `/connectwise/members/${id}`, { roleId: 64 });
    expect(await create()).toMatchObject({ status: 201 });
    expect(await connectwiseAs(key, '/finance/agreements')).toMatchObject({ status: 403 });
  });

  it('inactive is refused as wrong keys are; so are a wrong company and a wrong half', async () => {
    const { id } = await addMember();
    const key = await addKey(id);
    const other = await addKey(id, 'Second');
    expect(await connectwiseAs({ ...key, privateKey: other.privateKey })).toMatchObject({ status: 401 });
    const elsewhere = connectWiseKeys(key.publicKey, key.privateKey, 'other');
    expect(await running.connectwise('GET', '/system/info', undefined, elsewhere)).toMatchObject({ status: 401 }); // prettier-ignore
    await running.admin('PATCH', `/connectwise/members/${id}`, { isInactive: true });
    expect(await connectwiseAs(key)).toMatchObject({ status: 401, json: { code: 'Unauthorized' } });
    await running.admin('PUT', '/switches', { connectwiseUnauthorizedCode: 'ConnectWiseApi' });
    expect(await connectwiseAs(key)).toMatchObject({
      status: 401,
      json: { code: 'ConnectWiseApi', message: 'UserNotAuthenticated' },
    });
  });

  it('has keys; a person has none', async () => {
    expect(await running.admin('POST', '/connectwise/members/1/keys', { description: 'x' })).toMatchObject({
      status: 400,
    });
  });
});

it('a restart keeps users and keys; the file holds no secret', async () => {
  const dataFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'state.jsonl');
  const first = await startForTest(dataFile);
  const user = bodyOf<NewResource>(await first.admin('POST', '/autotask/resources', NEW_USER));
  const member = bodyOf<{ id: number }>(await first.admin('POST', '/connectwise/members', MEMBER));
  const key = bodyOf<NewKey>(
    await first.admin('POST', `/connectwise/members/${member.id}/keys`, { description: 'x' }),
  );
  await first.admin('PATCH', '/connectwise/members/3', { isInactive: true });
  await first.simulator.close();
  const second = await startForTest(dataFile);
  const keys = { UserName: user.username, Secret: user.secret, ApiIntegrationCode: user.tracking.identifier };
  expect(await second.autotask('GET', '/Tickets/1', undefined, keys)).toMatchObject({ status: 200 });
  const made = connectWiseKeys(key.publicKey, key.privateKey);
  expect(await second.connectwise('GET', '/system/info', undefined, made)).toMatchObject({ status: 200 });
  expect(await second.connectwise('GET', '/system/info')).toMatchObject({ status: 401 });
  await second.simulator.close();
  const kept = readFileSync(dataFile, 'utf8');
  for (const secret of [user.secret, key.privateKey]) expect(kept).not.toContain(secret);
});
