import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { callApi, doneByApi, eventually, runProgram, type RunningService, ServiceGroup } from '@backhaul/testing'; // prettier-ignore
import { generateSync } from 'otplib';
import { Authenticator } from '../passkeys/testing/authenticator.js';

jest.setTimeout(180_000);
const PUBLIC_URL = 'https://portal.backhaul.example';
const MISSING = '/docs/problems/second-factor-missing';

let services: ServiceGroup;
let gateway: RunningService;
let asKey: Headers;

beforeAll(async () => {
  services = await ServiceGroup.start({ PUBLIC_URL });
  const DATABASE_URL = await services.database('accounts');
  const accounts = await services.run('accounts', { DATABASE_URL });
  gateway = await services.run('gateway', { ACCOUNTS_URL: accounts.url });
  const made = await runProgram('accounts', 'create-partner.js', { DATABASE_URL }, ['--name', 'Careful']);
  asKey = { authorization: `Bearer ${(JSON.parse(made) as { apiKey: string }).apiKey}` };
  await eventually(() => done('GET', 'customers', asKey), { timeoutMs: 30_000 });
});
afterAll(() => services.stop());

type Headers = Record<string, string>;

const call = (method: string, path: string, headers: Headers, body?: object) =>
  callApi(gateway, method, path, headers, body);
const done = (method: string, path: string, headers: Headers, body?: object) =>
  doneByApi(gateway, method, path, headers, body);
/** What a browser sends once it is logged in, or its session has changed. */
const sessionBy = async (reply: Promise<{ cookie: string }>): Promise<Headers> => ({ cookie: (await reply).cookie }); // prettier-ignore
/** No two accounts of a partner share one, and none holds its username. */
const passwordOf = (username: string): string => `a lamp on stair ${username.length} of ${username.at(0)}`;
const logIn = (username: string): Promise<Headers> =>
  sessionBy(done('POST', 'session', {}, { username, password: passwordOf(username) }));
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
  const whole = await sessionBy(done('POST', 'me/mfa/confirm', boss, { code }));
  expect([await reads(whole), await reads(boss)]).toEqual([200, 401]);
  expect((await call('DELETE', 'me/mfa', whole)).status).toBe(409);

  const key = new Authenticator(PUBLIC_URL);
  const { body: options } = await done('POST', 'me/passkeys/options', reader);
  const credential = key.create(options['publicKey'] as Parameters<Authenticator['create']>[0]);
  const added = await sessionBy(done('POST', 'me/passkeys', reader, { name: 'Phone', credential }));
  expect(await reads(added)).toBe(200);
  const late = await logIn('reader');
  expect([await reads(late), (await call('POST', 'me/mfa', late)).body['type']]).toEqual([MISSING, MISSING]);
  const proof = await done('POST', 'session/passkey/options', late, { purpose: 'step-up' });
  const passkey = key.get(proof.body['publicKey'] as Parameters<Authenticator['get']>[0]);
  expect(await reads(await sessionBy(done('POST', 'session/step-up', late, { passkey })))).toBe(200);

  expect((await say(whole, null)).status).toBe(200);
  expect(await reads(late)).toBe(401);
  expect(await Promise.all([whole, added, program, asKey].map(reads))).toEqual([200, 200, 200, 200]);
});
