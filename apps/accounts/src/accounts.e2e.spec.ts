import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidFrom } from '@backhaul/domain';
import { newApiKey, parseApiKey, PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { accountsApiKeys, CompactedTable, mapChecks, Publisher, toRecord } from '@backhaul/messaging';
import {
  emptyDatabase, eventually, runProgram, type RunningService, runService, testKafka, type TestKafka,
} from '@backhaul/testing'; // prettier-ignore

jest.setTimeout(120_000);
const TOKEN_KEY = 'token-key-canary-'.repeat(3);
const CANARY = 'CANARY7f3a';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let kafka: TestKafka;
let service: RunningService;
let simulator: RunningService;
let partner: { partnerId: PartnerId; apiKey: string };
/** All that left Kafka, values and headers. */
const published: string[] = [];
const answers: string[] = [];
let stopReading: () => Promise<void>;
let table: CompactedTable<InstanceType<typeof accountsApiKeys.payload>>;

async function readAll(): Promise<() => Promise<void>> {
  const consumer = kafka.kafka.consumer({ groupId: `${kafka.prefix}canary` });
  await consumer.connect();
  await consumer.subscribe({ topics: [new RegExp(`^${kafka.prefix}`)], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      published.push(`${String(message.key)} ${String(message.value)} ${JSON.stringify(message.headers)}`);
    },
  });
  return () => consumer.disconnect();
}

async function call(
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
) {
  const { partnerId } = partner;
  const principal = programIdentity({
    partnerId,
    role: 'partner-senior-manager',
    scopes: [],
    subject: 'key:test',
  });
  const answer = await fetch(`${service.url}/api/v1/${path}`, {
    method,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(TOKEN_KEY, principal, 'accounts'),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  answers.push(text + JSON.stringify([...answer.headers]));
  return {
    status: answer.status,
    etag: answer.headers.get('etag') ?? '',
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

beforeAll(async () => {
  [database, kafka] = await Promise.all([emptyDatabase(), testKafka()]);
  const env = { DATABASE_URL: database.url };
  await runProgram('accounts', 'migrate.js', env);
  partner = JSON.parse(
    await runProgram('accounts', 'create-partner.js', env, ['--name', 'E2E']),
  ) as typeof partner;
  simulator = await runService('psa-simulator', {});
  service = await runService('accounts', {
    ...env,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: TOKEN_KEY,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    EGRESS_ALLOW: `127.0.0.1:${simulator.port}`,
    LOG_LEVEL: 'debug',
  });
  table = new CompactedTable({ kafka: kafka.kafka, topic: accountsApiKeys, prefix: kafka.prefix });
  await table.start();
  stopReading = await readAll();
});
afterAll(async () => {
  await Promise.allSettled([table.close(), stopReading()]);
  await Promise.allSettled([service.stop(), simulator.stop()]);
  await Promise.allSettled([kafka.close(), database.drop()]);
});

describe('accounts as a process', () => {
  it('publishes a created key within two seconds, and its end too', async () => {
    const first = parseApiKey(partner.apiKey)?.keyId ?? '';
    await eventually(() => table.get(first) ?? false);
    const { status, body } = await call('POST', 'api-keys', { name: 'Fast' });
    expect(status).toBe(201);
    const key = parseApiKey(String(body['key']));
    const known = await eventually(() => table.get(key?.keyId ?? '') ?? false, { timeoutMs: 2000 });
    expect(known).toMatchObject({ secretHash: key?.secretHash, partnerId: partner.partnerId });
    expect((await call('DELETE', `api-keys/${String(body['id'])}`)).status).toBe(204);
    await eventually(() => table.get(key?.keyId ?? '') === undefined, { timeoutMs: 2000 });
  });

  it('D32: hears by Kafka what became of a mapped company', async () => {
    const put = async (path: string, body: object) =>
      call('PUT', path, body, { 'if-match': (await call('GET', path)).etag });
    const link = { username: 'api@demo.example', password: 'p', trackingIdentifier: 't', apiUrl: `${simulator.url}/autotask` }; // prettier-ignore
    expect((await put('psa/autotask/connection', link)).status).toBe(200);
    expect((await put('psa/autotask/settings', { enabled: false })).status).toBe(200);
    const custId = Number((await call('POST', 'customers', { name: 'Mapped' })).body['custId']);
    const row = async (): Promise<Record<string, unknown> | undefined> => {
      const { items } = (await call('GET', 'psa/autotask/customer-map')).body;
      return (items as Record<string, unknown>[]).find((one) => one['custId'] === custId);
    };
    const etag = { 'if-match': String((await row())?.['etag']) };
    await call('PATCH', `psa/autotask/customer-map/${custId}`, { psaCompanyId: '175' }, etag);
    // Nobody here can ask the PSA.
    expect(await row()).toMatchObject({ psaCompanyId: '175', problems: ['unchecked'] });

    const { partnerId } = partner;
    const at = new Date(Date.now() + 60_000).toISOString();
    const check = { partnerId, provider: 'autotask' as const, custId, psaCompanyId: '175', problems: ['company_gone'], at }; // prettier-ignore
    const id = uuidFrom('check');
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    await publisher.send([toRecord(mapChecks, check, { id, occurredAt: at, partnerId, correlationId: id, causationId: null })]); // prettier-ignore
    await publisher.close();
    await eventually(async () => expect(await row()).toMatchObject({ problems: ['company_gone'] }), {
      timeoutMs: 20_000,
    });
  });

  it('B16: no secret that comes in leaves by an answer, a log line or a topic', async () => {
    const mark = (what: string): string => `${CANARY}${what}${randomBytes(4).toString('hex')}`;
    const put = async (path: string, body: object) => {
      const { etag } = await call('GET', path);
      return call('PUT', path, body, { 'if-match': etag });
    };
    const connectWise = {
      siteUrl: `${simulator.url}/connectwise`,
      companyId: 'demo',
      publicKey: 'demoPublicKey',
      privateKey: mark('Cw'),
      solutionName: 'Backhaul',
    };
    const autotask = {
      username: 'api@demo.example',
      password: mark('At'),
      trackingIdentifier: mark('Tr'),
      apiUrl: `${simulator.url}/autotask`,
    };
    expect((await put('psa/connectwise/connection', connectWise)).status).toBe(200);
    expect((await put('psa/autotask/connection', autotask)).status).toBe(200);
    for (const psa of ['connectwise', 'autotask']) {
      const test = await call('POST', `psa/${psa}/connection/test`);
      expect(test).toMatchObject({ status: 200, body: { isOk: false } });
    }
    // What is refused must not be repeated either.
    const login = { integratorLogin: { name: 'x', password: mark('In') } };
    expect((await put('psa/connectwise/connection', { ...connectWise, ...login })).status).toBe(422);
    expect((await put('psa/connectwise/connection', { ...connectWise, [mark('Fi')]: 1 })).status).toBe(400);
    await put('psa/connectwise/connection', { ...connectWise, privateKey: { [mark('Ob')]: mark('Ob') } });
    await call('PUT', 'psa/connectwise/connection', `{"privateKey":"${mark('Br')}",`, { 'if-match': '"x"' });
    const { body: customer } = await call('POST', 'customers', { name: 'Canary' });
    const account = { custId: customer['custId'], username: 'bird-1', password: `${mark('Pw')} long enough` };
    expect((await call('POST', 'accounts', account, { 'idempotency-key': 'canary-1' })).status).toBe(201);
    expect((await call('POST', 'accounts', { ...account, username: 'other' })).status).toBe(422);
    expect((await call('POST', 'accounts', { ...account, role: mark('Ro') })).status).toBe(400);
    await call('GET', 'customers', undefined, { authorization: `Bearer ${newApiKey().text}` });

    await eventually(() => published.some((line) => line.includes('sealedSecret')));
    await eventually(() => published.some((line) => line.includes('"username":"bird-1"')));
    expect(answers.join('\n').replaceAll(/"\/?CANARY7f3a(Fi|Ob)[0-9a-f]+/g, '')).not.toMatch(
      /CANARY7f3a(Cw|At|Tr|In|Br|Pw)/,
    );
    expect(published.join('\n')).not.toContain(CANARY);
    expect(service.logs()).not.toContain(CANARY);
    expect(service.logs()).not.toContain('token-key-canary');
    expect(service.logs()).not.toContain(partner.apiKey);
  });

  it('ends in order on SIGTERM, without an error line', async () => {
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(service.logs()).not.toMatch(/"level":(50|60|"error"|"fatal")/);
  });
});
