import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  emptyDatabase,
  type RunningService,
  runProgram,
  runService,
  testKafka,
  type TestKafka,
} from '@backhaul/testing';
import type { OpenApi } from '../docs/merge-openapi.js';
import { API_PREFIX, type Owner, ROUTES, type Upstream } from './route-table.js';

jest.setTimeout(180_000);
const EVERY: Upstream[] = [
  'accounts',
  'ingestion',
  'notifications',
  'ticketing-connectwise',
  'ticketing-autotask',
  'billing-sync-connectwise',
  'billing-sync-autotask',
];
const BILLING_SYNC: Upstream[] = ['billing-sync-connectwise', 'billing-sync-autotask'];
const ANSWERED_BY: Record<Owner, Upstream[]> = {
  accounts: ['accounts'],
  ingestion: ['ingestion'],
  notifications: ['notifications'],
  'ticketing-merged': ['ticketing-connectwise', 'ticketing-autotask'],
  'ticketing-either': ['ticketing-connectwise', 'ticketing-autotask'],
  'ticketing-by-psa': ['ticketing-connectwise', 'ticketing-autotask'],
  'billing-sync-merged': BILLING_SYNC,
  'billing-sync-either': BILLING_SYNC,
  'billing-sync-connectwise': ['billing-sync-connectwise'],
  'all-merged': EVERY,
  'all-either': EVERY,
  gateway: [],
};
const OWNERS = Object.keys(ANSWERED_BY) as Owner[];
const SERVICES = [...new Set(OWNERS.flatMap((owner) => ANSWERED_BY[owner]))];

const cleanUp: (() => Promise<void>)[] = [];
const surfaces = new Map<Upstream, string[]>();
const keys = { SERVICE_TOKEN_KEY: newKey(), KEY_ENCRYPTION_KEY: newKey() };
let kafka: TestKafka;

beforeAll(async () => {
  kafka = await testKafka();
  cleanUp.push(() => kafka.close());
  for (const name of SERVICES) surfaces.set(name, await surfaceOf(await start(name)));
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

it.each(SERVICES)('%s serves what the table says is its own, and nothing else is its to serve', (name) => {
  const own = OWNERS.filter((owner) => ANSWERED_BY[owner].includes(name));
  const rows = ROUTES.filter(({ owner }) => own.includes(owner)).flatMap(({ methods, path }) =>
    methods.map((method) => `${method} ${path.replace(/:[A-Za-z]+/g, '{}')}`),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(surfaces.get(name)).toEqual(rows.sort());
});

async function start(name: Upstream): Promise<RunningService> {
  const app = name.replace(/^(ticketing|billing-sync)-.*/, '$1');
  const database = await emptyDatabase();
  cleanUp.push(() => database.drop());
  await runProgram(app, 'migrate.js', { DATABASE_URL: database.url });
  const service = await runService(app, {
    ...keys,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    ...(app !== name && { PSA: name.slice(app.length + 1) }),
  });
  cleanUp.push(() => service.stop());
  return service;
}

/** What a running service says it serves below the API's prefix, ids as `{}`. */
async function surfaceOf({ url }: RunningService): Promise<string[]> {
  const { paths = {} } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  return Object.entries(paths)
    .filter(([path]) => path.startsWith(`${API_PREFIX}/`))
    .flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) =>
          `${method.toUpperCase()} ${path.slice(API_PREFIX.length).replace(/\{[A-Za-z]+\}/g, '{}')}`,
      ),
    )
    .sort();
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}
