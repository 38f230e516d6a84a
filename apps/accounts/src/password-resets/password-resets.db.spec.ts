import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openFromService } from '@backhaul/http';
import { eventually, FixedClock } from '@backhaul/testing';
import { generateSync } from 'otplib';
import { hashPassword } from '../accounts/passwords.js';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, TestRest, TOKEN_KEY } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
const NEW = 'seven green boats at anchor';
let rest: TestRest;
let made = 0;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
});
afterAll(() => rest.close());

/** Each from an address of its own: what one test spends is no other's. */
const anybody = (): Browser => new Browser(rest, `198.51.100.${++made}`);
const ask = (username: string, browser = anybody()): Promise<Answer> =>
  browser.call('POST', 'password-resets', { username });
const reset = (token: string, password: string): Promise<Answer> =>
  anybody().call('PUT', `password-resets/${token}`, { password });
const logIn = (username: string, password: string, code?: string): Promise<Answer> =>
  anybody().logIn({ username, password }, code);
const rulesOf = ({ body }: Answer): string[] => (body.errors ?? []).map(({ rule }) => rule).sort();

interface Request {
  requestId: string;
  to: string[];
  username: string;
  sealed: string;
  accountNo: number | null;
  brandId: string | null;
}

/** Mails asked for, for that name; oldest first. */
async function mailsFor(username: string): Promise<Request[]> {
  const rows = await rest.unitOfWork.query<{ payload: string }>(
    "SELECT payload FROM outbox WHERE topic = 'mail.requests.v1' ORDER BY xid, seq",
  );
  return rows.map(({ payload }) => JSON.parse(payload) as Request).filter((one) => one.username === username);
}

const tokenIn = ({ requestId, sealed }: Request): string =>
  openFromService(TOKEN_KEY, 'password-reset', requestId, sealed) ?? '';

/** What the newest mail leads to. */
async function linkFor(username: string, nth = 1): Promise<string> {
  expect((await ask(username)).status).toBe(202);
  const mails = await eventually(async () => {
    const found = await mailsFor(username);
    expect(found).toHaveLength(nth);
    return found;
  });
  return tokenIn(mails.at(-1) as Request);
}

async function reachable(username = ''): Promise<TestAccount> {
  const who = await account(rest, 'power-user', { username });
  const answer = await rest.call('PATCH', `accounts/${who.accountNo}`, {
    body: { contact: 'jo@acme.example' },
    ifMatch: who.etag,
  });
  expect(answer.status).toBe(200);
  return who;
}

describe('a forgotten password', () => {
  it('is chosen anew by the link in the mail: the old one and all that it opened end', async () => {
    const who = await reachable();
    const before = new Browser(rest);
    await before.logIn(who);
    const token = await linkFor(who.username);
    const [mail] = await mailsFor(who.username);
    expect(mail).toMatchObject({ to: ['jo@acme.example'], accountNo: who.accountNo });
    expect(mail?.brandId).not.toBeNull();
    expect(token).toMatch(/^bkr_[\w-]{43}$/);
    expect((await reset(token, NEW)).status).toBe(204);
    expect((await before.authenticate()).status).toBe(401);
    expect((await logIn(who.username, who.password)).status).toBe(401);
    expect((await logIn(who.username, NEW)).status).toBe(201);
    const { body } = await rest.call('GET', `audit?target=account:${who.accountNo}`);
    expect((body.items ?? []).map(({ action, subject }) => [action, subject])).toEqual(
      expect.arrayContaining([
        ['account.password-reset-link', 'system'],
        ['account.password-reset', `account:${who.accountNo}`],
      ]),
    );
  });

  it('lets a link work once, for 30 minutes, and only the newest; every other is the same 404', async () => {
    const who = await reachable();
    const first = await linkFor(who.username);
    const second = await linkFor(who.username, 2);
    const wrong = await reset('bkr_nothing-of-ours', 'a second quiet lamp here');
    const replaced = await reset(first, 'a second quiet lamp here');
    expect((await reset(second, 'a second quiet lamp here')).status).toBe(204);
    const used = await reset(second, 'another lamp on the stair');
    const third = await linkFor(who.username, 3);
    clock.advance(31 * 60_000);
    const expired = await reset(third, 'another lamp on the stair');
    for (const { status, body } of [wrong, replaced, used, expired]) {
      expect(status).toBe(404);
      expect([body['type'], body['detail']]).toEqual([wrong.body['type'], wrong.body['detail']]);
    }
    expect((await logIn(who.username, 'a second quiet lamp here')).status).toBe(201);
  });

  it('is given to one of two who use the same link at once', async () => {
    const who = await reachable();
    const token = await linkFor(who.username);
    const passwords = ['first green boat at anchor', 'second green boat at anchor'];
    const statuses = await Promise.all(passwords.map(async (one) => (await reset(token, one)).status));
    expect([...statuses].sort()).toEqual([204, 404]);
    const winner = passwords[statuses.indexOf(204)] ?? '';
    expect((await logIn(who.username, winner)).status).toBe(201);
  });

  it('follows the rules of every password, and a refusal leaves the link as it is', async () => {
    const who = await reachable('forgetful-jo');
    const token = await linkFor(who.username);
    const weak = await reset(token, 'forgetful-jo');
    expect([weak.status, rulesOf(weak)]).toEqual([422, ['context', 'minLength']]);
    for (const body of [{}, { password: 7 }, { password: '' }, { password: NEW, more: 1 }])
      expect((await anybody().call('PUT', `password-resets/${token}`, body)).status).toBe(400);
    expect((await reset(token, 'nine small fires in the wood')).status).toBe(204);
  });

  it('leaves the second factor where it is', async () => {
    const who = await reachable();
    const browser = new Browser(rest);
    await browser.logIn(who);
    const secret = String((await browser.call('POST', 'me/mfa')).body['secret']);
    const code = () => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) });
    expect((await browser.call('POST', 'me/mfa/confirm', { code: code() })).status).toBe(200);
    clock.advance(30_000);
    expect((await reset(await linkFor(who.username), 'tall ships in the morning')).status).toBe(204);
    const asked = await logIn(who.username, 'tall ships in the morning');
    expect(asked.body['type']).toBe('/docs/problems/second-factor-required');
    expect((await logIn(who.username, 'tall ships in the morning', code())).status).toBe(201);
  });

  it('is no different for an operator', async () => {
    const operatorId = '01920000-0000-7000-8000-00000000000f';
    await rest.unitOfWork.query('INSERT INTO operator VALUES ($1, $2, $3, now(), $4)', [
      operatorId,
      'op-erator',
      await hashPassword('an old password of theirs'),
      'op@platform.example',
    ]);
    await rest.unitOfWork.query('INSERT INTO person (operator_id) VALUES ($1)', [operatorId]);
    const token = await linkFor('op-erator');
    expect((await mailsFor('op-erator'))[0]).toMatchObject({ to: ['op@platform.example'], accountNo: null });
    expect((await reset(token, 'the keys of the whole house')).status).toBe(204);
    expect((await logIn('op-erator', 'an old password of theirs')).status).toBe(401);
    expect((await logIn('op-erator', 'the keys of the whole house')).status).toBe(201);
  });
});

describe('who asks for a new password', () => {
  it('learns nothing of which names exist, neither from the answer nor from the limit', async () => {
    const who = await reachable();
    const silent = await account(rest, 'power-user');
    const answers = async (username: string): Promise<Answer[]> => {
      const all: Answer[] = [];
      for (let i = 0; i < 4; i += 1) all.push(await ask(username));
      return all;
    };
    const [known, unreachable, unknown] = [
      await answers(who.username),
      await answers(silent.username),
      await answers('nobody-of-that-name'),
    ];
    const seen = (all: Answer[]) =>
      all.map(({ status, headers, body }) => [status, Object.keys(headers).sort(), body['detail'] ?? null]);
    expect(seen(known).map(([status]) => status)).toEqual([202, 202, 202, 429]);
    expect(seen(unreachable)).toEqual(seen(known));
    expect(seen(unknown)).toEqual(seen(known));
    await eventually(async () =>
      expect(await rest.unitOfWork.query('SELECT 1 FROM password_reset_request')).toEqual([]),
    );
    expect(await mailsFor(who.username)).toHaveLength(3);
    expect(await mailsFor(silent.username)).toEqual([]);
  });

  it('is slowed down by address, whatever names are tried', async () => {
    const browser = anybody();
    const statuses: number[] = [];
    for (let i = 0; i < 21; i += 1) statuses.push((await ask(`guess-${i}`, browser)).status);
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 202));
    expect(statuses.at(-1)).toBe(429);
  });

  it('finds the token nowhere but in the mail', async () => {
    const who = await reachable();
    const token = await linkFor(who.username);
    const kept = await rest.unitOfWork.query(
      `SELECT r::text FROM password_reset r UNION ALL SELECT o::text FROM outbox o
       UNION ALL SELECT a::text FROM audit_entry a UNION ALL SELECT q::text FROM password_reset_request q`,
    );
    expect(JSON.stringify(kept)).not.toContain(token.slice(4));
  });

  it.each([{}, { username: 7 }, { username: '' }, { username: 'x'.repeat(201) }, { username: 'a', more: 1 }])(
    'must say it rightly: %j is 400',
    async (body) => {
      const answer = await anybody().call('POST', 'password-resets', body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.[0]?.pointer).toMatch(/^\/(username|more)$/);
    },
  );

  it('may name whatever text there is', async () => {
    for (const username of ["'; DROP TABLE person; --", 'a\u0000b', '\ud800', '../..'])
      expect([202, 400]).toContain((await ask(username)).status);
    await eventually(async () =>
      expect(await rest.unitOfWork.query('SELECT 1 FROM password_reset_request')).toEqual([]),
    );
  });
});
