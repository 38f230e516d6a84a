import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { callApi, doneByApi, eventually, runProgram, type RunningService, ServiceGroup } from '@backhaul/testing'; // prettier-ignore

jest.setTimeout(180_000);
/** What a suspension may take, everywhere. */
const WITHIN = { timeoutMs: 2000, intervalMs: 20 };
const PATIENT = { timeoutMs: 30_000 };

let services: ServiceGroup;
let accounts: RunningService;
let ingestion: RunningService;
let gateway: RunningService;
let databaseUrl: string;

beforeAll(async () => {
  services = await ServiceGroup.start();
  databaseUrl = await services.database('accounts');
  accounts = await services.run('accounts', { DATABASE_URL: databaseUrl });
  ingestion = await services.run('ingestion', { DATABASE_URL: await services.database('ingestion') });
  gateway = await services.run('gateway', { ACCOUNTS_URL: accounts.url, INGESTION_URL: ingestion.url });
});
afterAll(() => services.stop());

type Headers = Record<string, string>;

const call = (method: string, path: string, headers: Headers, body?: object) =>
  callApi(gateway, method, path, headers, body);
const printed = async (file: string, args: string[]): Promise<Record<string, string>> =>
  JSON.parse(await runProgram('accounts', file, { DATABASE_URL: databaseUrl }, args)) as Record<
    string,
    string
  >;
const basicOf = ({ username, password }: Record<string, string>): Headers => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
const created = async (path: string, headers: Headers, body?: object): Promise<Record<string, unknown>> =>
  (await doneByApi(gateway, 'POST', path, headers, body)).body;

/** A partner with every way in that there is. */
async function partner(): Promise<{ partnerId: string; ways: Record<string, Headers>; ping: string }> {
  const { partnerId = '', apiKey = '' } = await printed('create-partner.js', ['--name', 'Shut out']);
  const asKey = { authorization: `Bearer ${apiKey}` };
  const { custId } = await eventually(() => created('customers', asKey, { name: 'ACME' }), PATIENT);
  const person = { username: 'jo', password: 'a lamp on the quiet stair' };
  const program = { username: 'jo-api', password: 'seven green boats at anchor' };
  await created('accounts', asKey, { custId, ...person, role: 'partner-senior-manager' });
  await created('accounts', asKey, { custId, ...program, role: 'partner-api' });
  const { cookie } = await call('POST', 'session', {}, person);
  const { token } = await created('tokens', basicOf(program));
  const { key } = await eventually(() => created('endpoints', asKey, { agent: 'generic', custId }), PATIENT);
  const ways = {
    'an API key': asKey,
    'a session': { cookie },
    'a token': { authorization: `Bearer ${String(token)}` },
    Basic: basicOf(program),
  };
  return { partnerId, ways, ping: `${ingestion.url}/ping/${String(key)}/0` };
}

it('a suspended partner is refused within two seconds by every way in, its agents are not, and restored it is let in', async () => {
  const { partnerId, ways, ping } = await partner();
  const operator = await printed('create-operator.js', ['--username', 'op']);
  const { username = '', password = '' } = operator;
  const { cookie } = await call('POST', 'session', {}, { username, password });
  const decide = (what: string) =>
    call('POST', `partners/${partnerId}/${what}`, { cookie }, { reason: 'Unpaid' });
  const answers = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ways).map(async ([name, headers]) => {
          const { status, body } = await call('GET', 'customers', headers);
          return [name, status === 403 ? body['type'] : status] as const;
        }),
      ),
    );
  const all = (answer: unknown) => Object.fromEntries(Object.keys(ways).map((name) => [name, answer]));
  const refused = all('/docs/problems/partner-suspended');
  const becomes = async (expected: object): Promise<number> => {
    const startedAt = performance.now();
    await eventually(async () => expect(await answers()).toEqual(expected), WITHIN);
    return Math.round(performance.now() - startedAt);
  };
  expect(await answers()).toEqual(all(200));

  expect((await decide('suspend')).status).toBe(200);
  const took = [await becomes(refused)];
  expect((await fetch(ping, { method: 'POST' })).status).toBe(200);
  expect(
    (await call('POST', 'session', {}, { username: 'jo', password: 'a lamp on the quiet stair' })).status,
  ).toBe(403);
  expect((await decide('restore')).status).toBe(200);
  took.push(await becomes(all(200)));

  expect((await decide('suspend')).status).toBe(200);
  took.push(await becomes(refused));
  process.stderr.write(`suspended, restored and suspended everywhere after ${took.join(', ')} ms\n`);
  await accounts.stop();
  // Nobody to ask, and still no way in.
  expect(await answers()).toMatchObject({ 'an API key': '/docs/problems/partner-suspended' });
  expect(Object.values(await answers())).not.toContain(200);
});
