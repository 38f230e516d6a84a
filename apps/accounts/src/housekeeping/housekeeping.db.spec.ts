import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createLogger } from '@backhaul/telemetry';
import { FixedClock } from '@backhaul/testing';
import { account, Browser } from '../testing/browser.js';
import { TestRest } from '../testing/rest.js';
import { Housekeeping } from './housekeeping.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let housekeeping: Housekeeping;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  const logger = createLogger({ service: 'accounts', level: 'silent' });
  housekeeping = new Housekeeping(rest.unitOfWork, 90, clock, logger);
});
afterAll(() => rest.close());

const HOUR_MS = 3_600_000;
const count = async (table: string): Promise<number> =>
  (await rest.unitOfWork.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`))[0]?.count ??
  0;

it('forgets what is over, and nothing that still counts', async () => {
  const who = await account(rest, 'partner-api');
  const browser = new Browser(rest);
  const logInAll = async (): Promise<void> => {
    browser.cookie = null;
    expect((await browser.logIn(who)).status).toBe(201);
    await browser.call('POST', 'session/passkey/options');
    await rest.http.fastify.inject({ method: 'POST', url: '/api/v1/session' });
    await new Browser(rest).logIn({ ...who, password: 'wrong' });
  };
  await logInAll();
  await rest.unitOfWork.query(
    `INSERT INTO access_token SELECT 'old', person_id, $1::timestamptz - interval '1 s' FROM person LIMIT 1`,
    [clock.now()],
  );
  await rest.call('POST', 'customers', { body: { name: 'Kept' }, key: 'young' });
  await rest.call('POST', 'customers', { body: { name: 'Gone' }, key: 'old' });
  await rest.unitOfWork.query(
    `UPDATE idempotency_key SET claimed_at = now() - interval '25 hours' WHERE answer LIKE '%Gone%'`,
  );
  expect(await housekeeping.sweep()).toEqual({
    login_session: 0,
    access_token: 1,
    passkey_challenge: 0,
    login_throttle: 0,
    login_attempt: 0,
    idempotency_key: 1,
  });
  clock.advance(9 * HOUR_MS);
  await logInAll();
  expect(await housekeeping.sweep()).toMatchObject({
    login_session: 1,
    passkey_challenge: 0,
    login_throttle: 0,
  });
  expect((await browser.authenticate()).status).toBe(200);
  expect(await count('login_attempt')).toBe(4);
  clock.advance((90 * 24 + 1) * HOUR_MS);
  expect(await housekeeping.sweep()).toMatchObject({
    login_session: 1,
    passkey_challenge: 1,
    login_attempt: 4,
  });
  for (const table of ['login_session', 'login_throttle', 'passkey_challenge'])
    expect([table, await count(table)]).toEqual([table, 0]);
  expect(await count('idempotency_key')).toBe(1);
});

it('clears more than one batch, beside what others hold', async () => {
  await rest.unitOfWork.query(
    `INSERT INTO login_attempt SELECT gen_random_uuid(), $1::timestamptz - interval '91 days', NULL, NULL, 'x', 'x', 'x' FROM generate_series(1, 2500)`,
    [clock.now()],
  );
  expect((await housekeeping.sweep())['login_attempt']).toBe(2500);
});
