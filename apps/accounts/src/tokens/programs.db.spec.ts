import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { CLIENT_HEADER, signService } from '@backhaul/http';
import { account, authenticate, type TestAccount } from '../testing/browser.js';
import { type Answer, CLIENT, TestRest, TOKEN_KEY } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let program: TestAccount;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  program = await account(rest, 'partner-api', { username: 'mypartnership-api' });
});
afterAll(() => rest.close());

type Login = Pick<TestAccount, 'username' | 'password'>;
const basic = ({ username, password }: Login): Promise<Answer> =>
  authenticate(rest, { kind: 'basic', username, secret: password, ip: '192.0.2.7' });
const byToken = (secret: unknown): Promise<Answer> =>
  authenticate(rest, { kind: 'token', secret, ip: '192.0.2.7' });
const issue = async (payload?: object, authorization?: string): Promise<Answer> => {
  const answer = await rest.http.fastify.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: {
      [CLIENT_HEADER]: signService(TOKEN_KEY, 'client', CLIENT),
      ...(authorization !== undefined && { authorization }),
    },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, etag: '', headers: answer.headers, body: answer.json() };
};
const encoded = ({ username, password }: Login): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
const login = ({ username, password }: Login): Login => ({ username, password });
const setRole = async (who: TestAccount, role: string): Promise<number> => {
  const path = `accounts/${who.accountNo}`;
  const { etag } = await rest.call('GET', path);
  return (await rest.call('PUT', `${path}/role`, { body: { role }, ifMatch: etag })).status;
};

describe('A2: an account of role Partner API', () => {
  it('opens the API with its username and password, as a program that proves nothing again (A1, A2)', async () => {
    const answer = await basic(program);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      partnerId: rest.ours,
      role: 'partner-api',
      accountNo: program.accountNo,
      actor: null,
      steppedUpAt: null,
    });
  });

  it('exchanges them for a token of 15 minutes, by body or by Basic', async () => {
    for (const made of [await issue(login(program)), await issue(undefined, encoded(program))]) {
      expect(made.status).toBe(201);
      expect(made.headers['cache-control']).toBe('no-store');
      expect(made.body['token']).toMatch(/^bkt_[\w-]{43}$/);
      const minutes = (Date.parse(String(made.body['expiresAt'])) - clock.now().getTime()) / 60_000;
      expect(minutes).toBe(15);
      expect((await byToken(made.body['token'])).body).toMatchObject({ accountNo: program.accountNo });
      const kept = await rest.unitOfWork.query('SELECT t::text FROM access_token t');
      expect(JSON.stringify(kept)).not.toContain(made.body['token']);
    }
    const { body } = await issue(login(program));
    clock.advance(15 * 60_000);
    expect((await byToken(body['token'])).status).toBe(401);
  });

  it('gets 401 for a wrong password, and that is written down', async () => {
    expect((await basic({ ...program, password: 'wrong' })).status).toBe(401);
    const rows = await rest.unitOfWork.query(
      "SELECT account_no::int AS no, partner_id AS partner, ip FROM login_attempt WHERE outcome = 'wrong-password'",
    );
    expect(rows).toContainEqual({ no: program.accountNo, partner: rest.ours, ip: '192.0.2.7' });
  });

  it('gets 429 after five wrong ones, each wait longer, and never more than 15 minutes', async () => {
    const guessed = await account(rest, 'partner-api');
    const wrong = { ...guessed, password: 'wrong' };
    for (let i = 0; i < 5; i += 1) expect((await basic(wrong)).status).toBe(401);
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      const refused = await basic(guessed);
      expect(refused.status).toBe(429);
      waits.push(Number(refused.headers['retry-after']));
      clock.advance(Number(refused.headers['retry-after']) * 1000 * 1.3);
      expect((await basic(wrong)).status).toBe(401);
    }
    expect(waits[0]).toBeLessThan(10);
    expect(waits.at(-1)).toBeGreaterThan(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(900);
    clock.advance(900_000);
    expect((await basic(guessed)).status).toBe(200);
    expect((await basic(wrong)).status).toBe(401);
    expect((await basic(guessed)).status).toBe(200);
  });

  it('guesses sent all at once do not slip past the count', async () => {
    const guessed = await account(rest, 'partner-api');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => basic({ ...guessed, password: `guess ${i}` })),
    );
    const tally = answers.map(({ status }) => status).sort();
    expect(tally.filter((status) => status === 401)).toHaveLength(5);
    expect(tally.filter((status) => status === 429)).toHaveLength(15);
  });

  it('is not hindered by failures of others, nor by what was counted once it got in', async () => {
    const [one, other] = [await account(rest, 'partner-api'), await account(rest, 'partner-api')];
    for (let i = 0; i < 5; i += 1) await basic({ ...one, password: 'wrong' });
    expect((await basic(other)).status).toBe(200);
  });

  it.each([
    [undefined, undefined, 401],
    [{ username: 'x' }, undefined, 401],
    [{ username: 1, password: 'x' }, undefined, 400],
    [{ username: 'x', password: 'y', surprise: 1 }, undefined, 400],
    [undefined, 'Basic !!!', 401],
    [undefined, 'Basic eA==', 401],
    [undefined, `Basic ${'A'.repeat(4000)}`, 401],
    [undefined, 'Bearer x', 401],
  ])('answers %j with %j by %i', async (body, authorization, status) => {
    expect((await issue(body, authorization)).status).toBe(status);
  });

  it.each(['', 'bkt_', `bkt_${'x'.repeat(43)}`])('the token %j is none', async (token) => {
    expect((await byToken(token || 'x')).status).toBe(401);
  });

  it('a truncated token is none', async () => {
    const token = String((await issue(login(program))).body['token']);
    expect((await byToken(token.slice(0, -1))).status).toBe(401);
    expect((await byToken(token)).status).toBe(200);
  });
});

describe('A16: the role decides', () => {
  it('without it the credentials do not open the API; with it they do, without a new account', async () => {
    const plain = await account(rest, 'power-user');
    expect((await basic(plain)).status).toBe(403);
    expect((await issue(login(plain))).status).toBe(403);
    expect((await basic({ ...plain, password: 'wrong' })).status).toBe(401);
    expect(await setRole(plain, 'partner-api')).toBe(200);
    expect((await basic(plain)).status).toBe(200);
  });

  it('taken away, the very next call is refused, by Basic and by token', async () => {
    const doomed = await account(rest, 'partner-api');
    const { body } = await issue(login(doomed));
    expect((await basic(doomed)).status).toBe(200);
    await rest.unitOfWork.query("UPDATE account SET role = 'power-user' WHERE account_no = $1", [
      doomed.accountNo,
    ]);
    expect((await basic(doomed)).status).toBe(403);
    expect((await byToken(body['token'])).status).toBe(403);
  });

  it('an account removed gets 401 and a partner suspended 403 at once', async () => {
    const doomed = await account(rest, 'partner-api');
    const theirs = await account(rest, 'partner-api', { partnerId: rest.theirs });
    const tokens = [await issue(login(doomed)), await issue(login(theirs))];
    await rest.call('DELETE', `accounts/${doomed.accountNo}`, { ifMatch: doomed.etag });
    await rest.unitOfWork.query('UPDATE partner SET is_suspended = true WHERE partner_id = $1', [
      rest.theirs,
    ]);
    const statuses = async (): Promise<number[]> => [
      (await basic(doomed)).status,
      (await basic(theirs)).status,
      ...(await Promise.all(tokens.map(async ({ body }) => (await byToken(body['token'])).status))),
    ];
    expect(await statuses()).toEqual([401, 403, 401, 403]);
    await rest.unitOfWork.query('UPDATE partner SET is_suspended = false');
    expect(await statuses()).toEqual([401, 200, 401, 200]);
  });
});
