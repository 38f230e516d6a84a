import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidFrom } from '@backhaul/domain';
import { testDatabase, unprotectedTables } from '@backhaul/testing';
import { rowsOf } from '@backhaul/persistence';
import { MIGRATIONS } from './migrations.js';
import { TestRest } from './testing/rest.js';
import { CUSTOMER, idOf, TestSystem } from './testing/system.js';

const ID = uuidFrom('nothing');
let system: TestSystem;
let rest: TestRest;
beforeAll(async () => {
  system = await TestSystem.start();
  rest = await TestRest.start(system);
  await system.connect();
});
afterAll(async () => {
  await rest.close();
  await system.close();
});

const pointers = ({ body }: { body: Record<string, unknown> }): string[] => [
  ...new Set(((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)),
];

describe('what is asked wrongly', () => {
  it.each([
    ['GET', 'syncs?state=odd', '/state'],
    ['GET', 'syncs?custId=x', '/custId'],
    ['GET', 'syncs?custId=1&custId=2', '/custId'],
    ['GET', 'syncs?limit=500', '/limit'],
    ['GET', 'syncs?cursor=abc', '/cursor'],
    ['GET', 'syncs?sort=name', '/sort'],
    ['GET', 'syncs/7', '/id'],
    ['GET', 'reports/executive?custId=1.5', '/custId'],
    ['GET', 'reports/executive?total=perhaps', '/total'],
    ['POST', 'customers/x/syncs', '/custId'],
    ['POST', 'customers/0/syncs', '/custId'],
  ])('%s %s is a 400 that points at %s (F24)', async (method, path, pointer) => {
    const answer = await rest.call(method, path);
    expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
  });

  it.each([
    ['GET', `syncs/${ID}`],
    ['POST', 'customers/9/syncs'],
  ])('%s %s of nothing is a 404', async (method, path) => {
    expect((await rest.call(method, path)).status).toBe(404);
  });
});

describe('a push by hand', () => {
  it('F28: answers 202 with where to look, the same for the same Idempotency-Key, 409 for another', async () => {
    const order = (key: string) =>
      rest.call('POST', `customers/${CUSTOMER}/syncs`, {}, undefined, { 'idempotency-key': key });
    const first = await order('one');
    expect(first).toMatchObject({ status: 202, body: { state: 'pending' } });
    expect(first.headers['location']).toBe(`/api/v1/syncs/${String(first.body['syncId'])}`);
    expect((await order('one')).body).toEqual(first.body);
    expect((await order('two')).status).toBe(409);
    await system.drain();
    const { body } = await rest.call('GET', `syncs/${String(first.body['syncId'])}`);
    expect(body).toMatchObject({ state: 'pushed', trigger: 'manual', custId: CUSTOMER });
    const entries = await system.query("SELECT 1 FROM outbox WHERE topic = 'audit.entries.v1'");
    expect(entries).toHaveLength(1);
  });

  it('is 503 with Retry-After while the PSA is left alone', async () => {
    await system.query("UPDATE psa_connection SET resume_at = now() + interval '90 s'");
    const answer = await rest.call('POST', `customers/${CUSTOMER}/syncs`);
    await system.query("UPDATE psa_connection SET resume_at = '-infinity'");
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
  });
});

it('E3, E46: the report tells the figures of a customer as they are and as the PSA holds them', async () => {
  await system.count({ eventId: idOf('counted later') });
  const { body } = await rest.call('GET', `reports/executive?custId=${CUSTOMER}`);
  expect(body['items']).toMatchObject([
    {
      custId: CUSTOMER,
      statistics: { successfulBackupJobs: 1, failedBackupJobs: 0 },
      pushed: { successfulBackupJobs: 0, failedBackupJobs: 0 },
    },
  ]);
});

describe('the database', () => {
  it('keeps every table that names a partner apart by PostgreSQL itself', async () => {
    expect(await unprotectedTables(system.database.dataSource)).toEqual([]);
  });

  it('can be undone without a trace, and made again', async () => {
    const { dataSource, close } = await testDatabase({ migrations: MIGRATIONS });
    const tables = async () =>
      rowsOf<{ name: string }>(
        await dataSource.query(
          "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        ),
      ).map(({ name }) => name);
    try {
      const all = await tables();
      expect(all).toEqual(expect.arrayContaining(['sync', 'sync_customer', 'result_day']));
      for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
      expect((await tables()).filter((name) => name !== 'migrations')).toEqual([]);
      await dataSource.runMigrations();
      expect(await tables()).toEqual(all);
    } finally {
      await close();
    }
  });
});
