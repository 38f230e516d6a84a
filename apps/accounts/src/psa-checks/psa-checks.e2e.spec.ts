import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { systemClock } from '@backhaul/domain';
import {
  emptyDatabase,
  runProgram,
  runService,
  type RunningService,
  testKafka,
  type TestKafka,
} from '@backhaul/testing';
import { pointersOf, TestRest } from '../testing/rest.js';
import { TicketingChecks } from './psa-checks.js';

jest.setTimeout(120_000);
const KEY = 'k'.repeat(32);

let kafka: TestKafka;
let database: Awaited<ReturnType<typeof emptyDatabase>>;
let simulator: RunningService;
let ticketing: RunningService;
let rest: TestRest;

beforeAll(async () => {
  [kafka, database, simulator] = await Promise.all([
    testKafka(),
    emptyDatabase(),
    runService('psa-simulator', {}),
  ]);
  const urls = { connectwise: '', autotask: '' };
  const checks = new TicketingChecks(urls, KEY);
  rest = await TestRest.start(['127.0.0.1/32'], systemClock, '', { checks });
  await runProgram('ticketing', 'migrate.js', { DATABASE_URL: database.url });
  ticketing = await runService('ticketing', {
    PSA: 'autotask',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: KEY,
    KEY_ENCRYPTION_KEY: rest.kek,
    EGRESS_ALLOW: '127.0.0.1/32',
  });
  urls.autotask = ticketing.url;
});
afterAll(async () => {
  await ticketing?.stop();
  await rest?.close();
  await simulator?.stop();
  await Promise.all([kafka?.close(), database?.drop()]);
});

const put = async (what: string, body: object) => {
  const path = `psa/autotask/${what}`;
  return rest.call('PUT', path, { body, ifMatch: (await rest.call('GET', path)).etag });
};

it('D25-D29, D32, D33, D47 as far as maps: what is saved a moment after the credentials is asked of the PSA, by ticketing', async () => {
  const link = { username: 'api@demo.example', password: 'demoSecret', trackingIdentifier: 'DEMOTRACKINGIDENTIFIER00001', apiUrl: `${simulator.url}/autotask` }; // prettier-ignore
  expect((await put('connection', link)).status).toBe(200);
  const unknown = await put('settings', { enabled: true, ticketing: { queueId: 77 } });
  expect([unknown.status, pointersOf(unknown)]).toEqual([422, ['/ticketing/queueId']]);
  const saved = await put('settings', { enabled: true, ticketing: {} });
  expect(saved.body['ticketing']).toEqual({
    queueId: 29682833,
    priorityId: 2,
    newStatusId: 1,
    completeStatusId: 5,
  });

  const { custId } = await rest.customer();
  const map = async (body: object) => {
    const { items = [] } = (await rest.call('GET', 'psa/autotask/customer-map')).body;
    const ifMatch = String(items.find((row) => row['custId'] === custId)?.['etag']);
    return rest.call('PATCH', `psa/autotask/customer-map/${custId}`, { body, ifMatch });
  };
  expect((await map({ psaCompanyId: '999999' })).status).toBe(422);
  expect((await map({ psaCompanyId: '175', contractId: '903' })).status).toBe(422);
  expect((await map({ psaCompanyId: '175', contractId: '901' })).status).toBe(422);
  expect((await map({ psaCompanyId: '175', contractId: '902' })).body).toMatchObject({ problems: [] });
  // A contract and its clone differ in their id alone.
  for (const contractId of ['903', '904'])
    expect((await map({ psaCompanyId: '176', contractId })).body).toMatchObject({ contractId, problems: [] });
  expect((await map({ psaCompanyId: '178', contractId: null })).body).toMatchObject({
    problems: ['company_type'],
  });
});
