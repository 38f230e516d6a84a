import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '@backhaul/http';
import { pointersOf, TestRest } from '../testing/rest.js';
import { isPassword } from './passwords.js';

jest.setTimeout(30_000);
let rest: TestRest;
let custId: number;
beforeAll(async () => {
  rest = await TestRest.start();
  ({ custId } = await rest.customer());
});
afterAll(() => rest.close());

let count = 0;
const username = (): string => `user-${(count += 1)}`;
const create = (over: object = {}, options: { role?: Role; key?: string } = {}) =>
  rest.call('POST', 'accounts', { body: { custId, username: username(), ...over }, ...options });
const storedHash = async (accountNo: unknown): Promise<string> => {
  const [row] = await rest.unitOfWork.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM account WHERE account_no = $1',
    [accountNo],
  );
  return row?.hash ?? '';
};

describe('accounts over REST', () => {
  it('creates, shows, changes and removes one, and publishes each change (A3, A6)', async () => {
    const made = await create({ username: 'mypartnership-api', hostName: 'SRV-01', contact: 'Ann' });
    expect(made).toMatchObject({
      status: 201,
      body: { custId, username: 'mypartnership-api', role: 'power-user', parentAccountNo: null },
    });
    const no = Number(made.body['accountNo']);
    const path = `accounts/${no}`;
    expect(made.headers['location']).toBe(`/api/v1/${path}`);
    expect(await rest.call('GET', path)).toMatchObject({ status: 200, body: made.body, etag: made.etag });
    const changed = await rest.call('PATCH', path, { body: { hostName: null }, ifMatch: made.etag });
    expect(changed).toMatchObject({ status: 200, body: { hostName: null, contact: 'Ann' } });
    expect((await rest.call('DELETE', path, { ifMatch: made.etag })).status).toBe(412);
    expect((await rest.call('DELETE', path, { ifMatch: changed.etag })).status).toBe(204);
    const sent = await rest.published('accounts.accounts.v1', String(no));
    expect(sent).toMatchObject([{ accountNo: no, hostName: 'SRV-01', custId }, { hostName: null }, null]);
    expect(JSON.stringify(sent)).not.toContain('argon2');
  });

  it('A7: answers a random password once, keeps only its hash, and never the same twice', async () => {
    const [one, two] = [await create({ randomPassword: true }), await create({ randomPassword: true })];
    const password = String(one.body['password']);
    expect(password).toHaveLength(24);
    expect(two.body['password']).not.toBe(password);
    const hash = await storedHash(one.body['accountNo']);
    expect(hash).toMatch(/^\$argon2id\$/);
    expect(await isPassword(password, hash)).toBe(true);
    const shown = await rest.call('GET', `accounts/${String(one.body['accountNo'])}`);
    expect(shown.body).not.toHaveProperty('password');
  });

  it('A7: takes a typed password, and does not answer it', async () => {
    const password = 'correct horse battery staple';
    const made = await create({ password });
    expect(made.status).toBe(201);
    expect(made.body).not.toHaveProperty('password');
    expect(await isPassword(password, await storedHash(made.body['accountNo']))).toBe(true);
  });

  it.each([
    ['a short password (A7)', { password: 'fourteen chars' }, 'minLength'],
    ['both kinds of password', { password: 'long enough to stand', randomPassword: true }, 'exclusive'],
  ])('answers 422 to %s', async (_what, over, rule) => {
    const { status, body } = await create(over);
    expect([status, body.errors?.[0]]).toMatchObject([422, { pointer: '/password', rule }]);
  });

  it('A8: refuses the password of another account of the partner, not that of a stranger', async () => {
    const password = 'the same one for everybody';
    expect((await create({ password })).status).toBe(201);
    const second = await create({ password });
    expect([second.status, pointersOf(second)]).toEqual([422, ['/password']]);
    const theirs = await rest.customer('Theirs', rest.theirs);
    const foreign = { custId: theirs.custId, username: 'foreign', password };
    expect((await rest.call('POST', 'accounts', { body: foreign, partnerId: rest.theirs })).status).toBe(201);
  });

  it('A6: gives a username to one of several parallel creations, whatever its case', async () => {
    const answers = await Promise.all(
      ['Racer', 'racer', 'RACER', 'rAcer'].map((name) => create({ username: name })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('A5: hangs a sub-account below a parent of the same customer only', async () => {
    const parentAccountNo = Number((await create()).body['accountNo']);
    const sub = await create({ parentAccountNo });
    expect(sub).toMatchObject({ status: 201, body: { parentAccountNo } });
    const parent = await rest.call('GET', `accounts/${parentAccountNo}`);
    const path = `accounts/${parentAccountNo}`;
    expect((await rest.call('DELETE', path, { ifMatch: parent.etag })).status).toBe(409);
    const other = await rest.customer('Other');
    const refused = await create({ parentAccountNo, custId: other.custId });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/parentAccountNo']]);
    expect((await create({ parentAccountNo: 1 })).status).toBe(404);
  });

  it('A3, A4: answers 404 to a customer that is unknown or of another partner', async () => {
    const theirs = await rest.customer('Not ours', rest.theirs);
    expect((await create({ custId: theirs.custId })).status).toBe(404);
    expect((await create({ custId: 1_999_999_999 })).status).toBe(404);
  });

  it.each<[Role, Role, number]>([
    ['partner-senior-manager', 'partner-senior-manager', 201],
    ['partner-senior-it-manager', 'partner-senior-it-manager', 201],
    ['partner-senior-it-manager', 'partner-senior-manager', 403],
    ['partner-senior-customer-service', 'partner-read-only', 403],
    ['partner-senior-customer-service', 'power-user', 201],
  ])('lets a %s give the role %s: %i', async (giver, role, status) => {
    expect((await create({ role }, { role: giver })).status).toBe(status);
  });

  it.each<[Role, Role, number]>([
    ['partner-senior-customer-service', 'partner-senior-manager', 403],
    ['partner-senior-customer-service', 'partner-customer-service', 204],
    ['partner-senior-it-manager', 'partner-senior-manager', 403],
    ['partner-senior-manager', 'partner-senior-manager', 204],
  ])('lets a %s remove an account of role %s: %i', async (role, its, status) => {
    const { body, etag } = await create({ role: its });
    const path = `accounts/${Number(body['accountNo'])}`;
    expect((await rest.call('DELETE', path, { role, ifMatch: etag })).status).toBe(status);
  });

  it.each<[Role, Role, object, number]>([
    ['partner-customer-service', 'partner-senior-manager', {}, 403],
    ['partner-customer-service', 'power-user', {}, 200],
    ['partner-senior-manager', 'partner-senior-manager', {}, 200],
    ['partner-senior-manager', 'power-user', { steppedUpAt: Date.now() / 1000 - 3600 }, 403],
    ['partner-senior-manager', 'power-user', { actor: { subject: 'account:1' } }, 403],
  ])(
    'to a %s who asks for another contact of a %s, %j, where resets would go: %i',
    async (role, its, as, status) => {
      const { body, etag } = await create({ role: its, contact: 'ann@example.com' });
      const path = `accounts/${Number(body['accountNo'])}`;
      const change = (contact: string) =>
        rest.call('PATCH', path, { role, as, ifMatch: etag, body: { contact } });
      expect((await change('mallory@example.com')).status).toBe(status);
      if (status !== 200) expect((await change('ann@example.com')).status).toBe(200);
    },
  );

  it('answers a repeated Idempotency-Key the same, 422 to another body, and keeps neither password nor key in clear', async () => {
    const body = { username: username(), randomPassword: true };
    const key = randomUUID();
    const first = await create(body, { key });
    const { password } = first.body;
    expect(password).toEqual(expect.any(String));
    expect((await create(body, { key })).body).toEqual(first.body);
    const typed = { username: username(), password: 'typed by a person' };
    const other = randomUUID();
    expect((await create(typed, { key: other })).status).toBe(201);
    expect((await create({ ...typed, password: 'typed by another' }, { key: other })).status).toBe(422);
    const kept = JSON.stringify(await rest.unitOfWork.query('SELECT * FROM idempotency_key'));
    for (const secret of [String(password), key, typed.password]) expect(kept).not.toContain(secret);
  });

  it('lets one of several changes of the same version through', async () => {
    const { body, etag } = await create();
    const path = `accounts/${String(body['accountNo'])}`;
    expect((await rest.call('PATCH', path, { body: { hostName: 'x' } })).status).toBe(428);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((hostName) => rest.call('PATCH', path, { body: { hostName }, ifMatch: etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect(await rest.published('accounts.accounts.v1', String(body['accountNo']))).toHaveLength(2);
  });

  it('E41: lists by account number with the number of the customer, of one customer, by a part of name or host, with the count of the filter', async () => {
    const other = await rest.customer('Listed');
    for (const hostName of ['SRV-A', 'SRV-B', 'PC'])
      await create({ custId: other.custId, hostName, username: `listed-${hostName}` });
    const list = (query: string) => rest.call('GET', `accounts?custId=${other.custId}&${query}`);
    const hosts = ({ body }: Awaited<ReturnType<typeof list>>) => body.items?.map((row) => row['hostName']);
    const first = await list('limit=2&total=true');
    expect([hosts(first), first.body['total']]).toEqual([['SRV-A', 'SRV-B'], 3]);
    expect(first.body.items?.map((row) => row['custId'])).toEqual([other.custId, other.custId]);
    expect(typeof other.custId).toBe('number');
    const next = await list(`limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect([hosts(next), next.body['nextCursor']]).toEqual([['PC'], null]);
    const found = await list('q=srv&total=true');
    expect([hosts(found), found.body['total']]).toEqual([['SRV-A', 'SRV-B'], 2]);
    expect(hosts(await list('username=LISTED-srv-b'))).toEqual(['SRV-B']);
    for (const part of ['listed', '%25', 'listed-SRV-_'])
      expect(hosts(await list(`username=${part}`))).toEqual([]);
    const foreign = await rest.call('GET', `accounts?custId=${other.custId}`, { partnerId: rest.theirs });
    expect(foreign.body.items).toEqual([]);
  });
});
