import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Problem } from '@backhaul/http';
import { FixedClock } from '@backhaul/testing';
import { isPassword } from '../accounts/passwords.js';
import { LogInHandler } from '../sessions/log-in.handler.js';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { TestRest } from '../testing/rest.js';
import { CheckCredentialsHandler } from './check-credentials.handler.js';
import { HashGate } from './hash-gate.js';
import { LoginRecord } from './login-record.js';
import { LoginThrottle } from './login-throttle.js';
import { PersonRepository } from './person.repository.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let known: TestAccount;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  known = await account(rest, 'partner-read-only');
});
afterAll(() => rest.close());

const refusalOf = async (username: string, password = 'wrong') =>
  new Browser(rest).logIn({ username, password });

describe('logging in', () => {
  it('G11, A2: answers an unknown name exactly as a wrong password', async () => {
    const [wrong, unknown] = [await refusalOf(known.username), await refusalOf('cw-member')];
    const { requestId: _one, ...first } = wrong.body;
    const { requestId: _two, ...second } = unknown.body;
    expect(wrong.status).toBe(401);
    expect(first).toEqual(second);
    const headersOf = (headers: Record<string, unknown>): string[] => Object.keys(headers).sort();
    expect(headersOf(wrong.headers)).toEqual(headersOf(unknown.headers));
  });

  it('waits for an unknown name as for a known one', async () => {
    const statuses = async (username: string): Promise<number[]> => {
      const all: number[] = [];
      for (let i = 0; i < 7; i += 1) all.push((await refusalOf(username)).status);
      return all;
    };
    const target = await account(rest, 'power-user');
    expect(await statuses(target.username)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(await statuses('nobody-of-that-name')).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it('computes one hash for a wrong password, an unknown name and an account without a password', async () => {
    const { custId } = await rest.customer();
    await rest.call('POST', 'accounts', { body: { custId, username: 'no-password' } });
    const verify = jest.fn(isPassword);
    const { unitOfWork } = rest;
    const record = new LoginRecord(unitOfWork, clock);
    const throttle = new LoginThrottle(unitOfWork, clock);
    const handler = new CheckCredentialsHandler(new PersonRepository(unitOfWork), throttle, record, verify);
    for (const username of [known.username, 'nobody', 'no-password']) {
      verify.mockClear();
      await expect(handler.check({ username, password: 'wrong' }, '192.0.2.9')).rejects.toThrow('not right');
      expect(verify).toHaveBeenCalledTimes(1);
    }
  });

  it('finds the right one of two partners that use the same name', async () => {
    const ours = await account(rest, 'power-user', { username: 'admin' });
    const theirs = await account(rest, 'power-user', { username: 'Admin', partnerId: rest.theirs });
    for (const [who, partnerName] of [
      [ours, 'Ours'],
      [theirs, 'Theirs'],
    ] as const) {
      const { body } = await new Browser(rest).logIn({ ...who, username: 'ADMIN' });
      expect(body).toMatchObject({ accountNo: who.accountNo, partnerName });
    }
  });

  it('starts no count anew by a login of a namesake in another partner', async () => {
    await account(rest, 'power-user', { username: 'namesake' });
    const theirs = await account(rest, 'power-user', { username: 'namesake', partnerId: rest.theirs });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      statuses.push((await refusalOf('namesake')).status);
      statuses.push((await new Browser(rest).logIn(theirs)).status);
    }
    expect(statuses).toEqual([401, 201, 401, 201, 401, 201, 401, 201, 401, 429]);
  });

  it('slows an address down that tries many names, and no other address', async () => {
    const [guesser, neighbour] = [new Browser(rest, '203.0.113.5'), new Browser(rest, '203.0.113.6')];
    const statuses: number[] = [];
    for (let i = 0; i < 52; i += 1)
      statuses.push((await guesser.logIn({ username: `guess-${i}`, password: 'x' })).status);
    expect(statuses.slice(0, 50)).toEqual(Array(50).fill(401));
    expect(statuses.slice(50)).toEqual([429, 429]);
    expect((await guesser.logIn(known)).status).toBe(429);
    expect((await neighbour.logIn(known)).status).toBe(201);
    clock.advance(20_000);
    expect((await guesser.logIn(known)).status).toBe(201);
  });

  it.each([
    {},
    { username: 'x' },
    { username: 'x', password: '' },
    { username: 'x', password: 'y', surprise: 1 },
    { username: ['x'], password: 'y' },
    { username: 'x', password: 'y'.repeat(1025) },
    { username: 'x'.repeat(201), password: 'y' },
    { username: 'x', password: 'y', code: 123456 },
  ])('answers 400 to %j', async (body) => {
    expect((await new Browser(rest).call('POST', 'session', body)).status).toBe(400);
  });
});

describe('10,000 logins at once', () => {
  it('keep four hashes busy and fifty waiting; the rest is told to come back, and others are served', async () => {
    const logIn = rest.http.app.get(LogInHandler);
    const client = { ip: '203.0.113.77', userAgent: 'flood', sessionHash: null };
    const logins = Array.from({ length: 10_000 }, (_, i) =>
      logIn.handle({ username: `flood-${i}`, password: 'x' }, client).catch((error: Problem) => error),
    );
    expect((await rest.call('GET', 'brands')).status).toBe(200);
    const answers = (await Promise.all(logins)) as Problem[];
    const busy = answers.filter(({ type }) => type === '/docs/problems/too-busy');
    expect(busy).toHaveLength(10_000 - 54);
    expect(busy[0]).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    expect(answers.filter(({ status }) => ![401, 429, 503].includes(status))).toEqual([]);
  });

  it('never run more than four, never keep more than fifty waiting', async () => {
    const gate = new HashGate();
    let [running, most] = [0, 0];
    let release: () => void = () => undefined;
    const held = new Promise<void>((done) => (release = done));
    const work = async (): Promise<void> => {
      most = Math.max(most, (running += 1));
      await held;
      running -= 1;
    };
    const all = Array.from({ length: 100 }, () => gate.run(work));
    const settled = Promise.allSettled(all);
    await Promise.resolve();
    expect(running).toBe(4);
    release();
    const outcomes = await settled;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(54);
    expect(most).toBe(4);
    await expect(gate.run(async () => 'free again')).resolves.toBe('free again');
  });
});
