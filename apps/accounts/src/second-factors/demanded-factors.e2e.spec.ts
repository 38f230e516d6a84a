import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka } from '@backhaul/testing'; // prettier-ignore
import { generateSync } from 'otplib';
import { Authenticator } from '../passkeys/testing/authenticator.js';

jest.setTimeout(180_000);
const PUBLIC_URL = 'https://portal.backhaul.example';
const MISSING = '/docs/problems/second-factor-missing';

const cleanUp: (() => Promise<unknown>)[] = [];
let gateway: RunningService;
let asKey: Headers;

beforeAll(async () => {
  const kafka = await testKafka();
  cleanUp.push(() => kafka.close());
  const common = {
    SERVICE_TOKEN_KEY: 'token-key-of-the-suite'.repeat(2),
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    LOAD_SHEDDING: 'off',
    PUBLIC_URL,
  };
  const database = await emptyDatabase();
  cleanUp.push(() => database.drop());
  await runProgram('accounts', 'migrate.js', { DATABASE_URL: database.url });
  const accounts = await runService('accounts', { ...common, DATABASE_URL: database.url });
  cleanUp.push(() => accounts.stop());
  gateway = await runService('gateway', { ...common, ACCOUNTS_URL: accounts.url });
  cleanUp.push(() => gateway.stop());
  const made = await runProgram('accounts', 'create-partner.js', { DATABASE_URL: database.url }, ['--name', 'Careful']); // prettier-ignore
  asKey = { authorization: `Bearer ${(JSON.parse(made) as { apiKey: string }).apiKey}` };
  await eventually(() => done('GET', 'customers', asKey), { timeoutMs: 30_000 });
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

type Headers = Record<string, string>;

async function call(method: string, path: string, headers: Headers, body?: object) {
  const answer = await fetch(`${gateway.url}/api/v1/${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  return { status: answer.status, body: json, session: { cookie } };
}
async function done(method: string, path: string, headers: Headers, body?: object) {
  const answer = await call(method, path, headers, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
/** No two accounts of a partner share one, and none holds its username. */
const passwordOf = (username: string): string => `a lamp on stair ${username.length} of ${username.at(0)}`;
const logIn = async (username: string): Promise<Headers> =>
  (await done('POST', 'session', {}, { username, password: passwordOf(username) })).session;
/** The type of the refusal, or the status. */
async function reads(headers: Headers): Promise<unknown> {
  const { status, body } = await call('GET', 'customers', headers);
  return status === 403 ? body['type'] : status;
}
/** A part of the partner, with a customer of its own. */
async function part(): Promise<{ brandId: string; custId: number }> {
  const { body: root } = await done('GET', 'brands', asKey);
  const { body } = await done('POST', 'brands', asKey, { name: 'Part', parentId: root['id'] });
  const customer = await done('POST', 'customers', asKey, { name: 'ACME', brandId: body['id'] });
  return { brandId: String(body['id']), custId: Number(customer.body['custId']) };
}

it('a demand reaches sessions that stand with the next request; each factor makes its session whole; programs go on', async () => {
  const { brandId, custId } = await part();
  const make = (username: string, role: string) =>
    done('POST', 'accounts', asKey, { custId, username, role, password: passwordOf(username) });
  await make('boss', 'partner-senior-manager');
  await make('reader', 'partner-read-only');
  await make('robot', 'partner-api');
  const basic = Buffer.from(`robot:${passwordOf('robot')}`).toString('base64');
  const program = { authorization: `Basic ${basic}` };
  const boss = await logIn('boss');
  const reader = await logIn('reader');
  const all = async (): Promise<unknown[]> => Promise.all([boss, reader, program, asKey].map(reads));
  expect(await all()).toEqual([200, 200, 200, 200]);

  const say = (headers: Headers, requireSecondFactor: boolean | null) =>
    call('PATCH', `brands/${brandId}`, { ...headers, 'if-match': '*' }, { requireSecondFactor });
  expect((await say(boss, true)).status).toBe(200);
  expect(await all()).toEqual([MISSING, MISSING, 200, 200]);
  // Who owes one does not take the demand back, nor read what it protects in another way.
  expect((await say(boss, null)).body['type']).toBe(MISSING);
  expect((await call('GET', 'session', boss)).body).toMatchObject({ factorOwed: 'add' });

  const { body: enrolled } = await done('POST', 'me/mfa', boss);
  const code = generateSync({ secret: String(enrolled['secret']) });
  const whole = (await done('POST', 'me/mfa/confirm', boss, { code })).session;
  expect([await reads(whole), await reads(boss)]).toEqual([200, 401]);
  expect((await call('DELETE', 'me/mfa', whole)).status).toBe(409);

  const key = new Authenticator(PUBLIC_URL);
  const { body: options } = await done('POST', 'me/passkeys/options', reader);
  const credential = key.create(options['publicKey'] as Parameters<Authenticator['create']>[0]);
  const added = (await done('POST', 'me/passkeys', reader, { name: 'Phone', credential })).session;
  expect(await reads(added)).toBe(200);
  const late = await logIn('reader');
  expect([await reads(late), (await call('POST', 'me/mfa', late)).body['type']]).toEqual([MISSING, MISSING]);
  const proof = await done('POST', 'session/passkey/options', late, { purpose: 'step-up' });
  const passkey = key.get(proof.body['publicKey'] as Parameters<Authenticator['get']>[0]);
  expect(await reads((await done('POST', 'session/step-up', late, { passkey })).session)).toBe(200);

  expect((await say(whole, null)).status).toBe(200);
  expect(await reads(late)).toBe(401);
  expect(await Promise.all([whole, added, program, asKey].map(reads))).toEqual([200, 200, 200, 200]);
});
