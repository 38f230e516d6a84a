import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PartnerId, PLATFORM, uuidv7 } from '@backhaul/domain';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import pg from 'pg';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { createDataSource } from '../data-source.js';
import { UnitOfWork } from '../unit-of-work.js';
import { createRuntimeRole, grantRuntime, protectTables, RUNTIME_ROLE } from './row-level-security.js';
import { asCaller } from './tenant-context.js';

class Things1 implements MigrationInterface {
  readonly name = 'Things1763999999999';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE thing (partner_id uuid NOT NULL, name text PRIMARY KEY)');
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, ['thing']);
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

const [ours, theirs] = [uuidv7(1) as PartnerId, uuidv7(2) as PartnerId];
const asPartner = <T>(partnerId: PartnerId, work: () => T): T =>
  asCaller({ partnerId, subject: 'key:test', onBehalfOf: null, ip: null, requestId: null }, work);
let database: TestDatabase;
let runtime: DataSource;
const names = async (): Promise<string[]> =>
  (await runtime.query<{ name: string }[]>('SELECT name FROM thing ORDER BY name')).map(({ name }) => name);

beforeAll(async () => {
  database = await testDatabase({ migrations: [Things1] });
  await database.dataSource.query(`INSERT INTO thing VALUES ($1, 'ours'), ($2, 'theirs')`, [ours, theirs]);
  // One connection: what one partner leaves on it, the next one finds.
  const { url } = database;
  runtime = await createDataSource({
    url,
    applicationName: 'test',
    poolSize: 1,
    role: 'runtime',
  }).initialize();
});
afterAll(async () => {
  await runtime.destroy();
  await database.close();
});

describe('the second wall', () => {
  it('shows a partner its own rows to a statement that forgot to ask for them', async () => {
    expect(await asPartner(ours, names)).toEqual(['ours']);
    expect(await asPartner(theirs, names)).toEqual(['theirs']);
    expect(await names()).toEqual(['ours', 'theirs']);
    expect(await asPartner(PLATFORM, names)).toEqual(['ours', 'theirs']);
  });

  it('changes and removes nothing of another partner', async () => {
    const unfiltered = (sql: string) => () => runtime.query<[unknown[], number]>(sql);
    const changed = await asPartner(ours, unfiltered(`UPDATE thing SET name = name || '!' RETURNING name`));
    expect(changed[0]).toEqual([{ name: 'ours!' }]);
    expect((await asPartner(theirs, unfiltered(`DELETE FROM thing WHERE name LIKE 'ours%'`)))[1]).toBe(0);
    await asPartner(ours, unfiltered(`UPDATE thing SET name = 'ours'`));
  });

  it('writes nothing in another partner’s name', async () => {
    const foreign = () => runtime.query('INSERT INTO thing VALUES ($1, $2)', [theirs, 'smuggled']);
    await expect(asPartner(ours, foreign)).rejects.toMatchObject({ driverError: { code: '42501' } });
    const moved = () => runtime.query('UPDATE thing SET partner_id = $1', [theirs]);
    await expect(asPartner(ours, moved)).rejects.toMatchObject({ driverError: { code: '42501' } });
  });

  it('lets a page of a partner’s rows be read in the order of an index, and not sorted', async () => {
    await runtime.query(`INSERT INTO thing SELECT $1, 'page ' || n FROM generate_series(1, 20000) n`, [ours]);
    await database.dataSource.query('CREATE INDEX thing_in_order ON thing (partner_id, name); ANALYZE thing');
    const plan = await asPartner(ours, () =>
      runtime.query<object[]>(
        'EXPLAIN SELECT * FROM thing WHERE partner_id = $1 AND name > $2 ORDER BY name LIMIT 50',
        [ours, ''],
      ),
    );
    expect(JSON.stringify(plan)).toContain('Index');
    expect(JSON.stringify(plan)).not.toContain('Sort');
    await database.dataSource.query(`DELETE FROM thing WHERE name LIKE 'page %'`);
  });

  it('stands after a transaction that failed, and inside of one', async () => {
    const unitOfWork = new UnitOfWork(runtime);
    await expect(asPartner(theirs, () => unitOfWork.run((tx) => tx.query('SELECT 1 / 0')))).rejects.toThrow(
      'division by zero',
    );
    expect(await asPartner(ours, () => unitOfWork.run((tx) => tx.query('SELECT name FROM thing')))).toEqual([
      { name: 'ours' },
    ]);
  });

  it('keeps apart partners who ask at the same time', async () => {
    const asked = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? ours : theirs));
    const answers = await Promise.all(asked.map((partnerId) => asPartner(partnerId, names)));
    expect(answers).toEqual(asked.map((partnerId) => [partnerId === ours ? 'ours' : 'theirs']));
  });

  it('shows nothing to a connection that says nothing, and is not for the runtime role to take down', async () => {
    const client = new pg.Client({ connectionString: database.url, options: `-c role=${RUNTIME_ROLE}` });
    await client.connect();
    try {
      expect((await client.query('SELECT * FROM thing')).rows).toEqual([]);
      for (const sql of [
        'ALTER TABLE thing DISABLE ROW LEVEL SECURITY',
        'DROP POLICY tenant ON thing',
        'DROP TABLE thing',
        'TRUNCATE thing',
        'CREATE TABLE mine (id int)',
      ])
        await expect(client.query(sql)).rejects.toThrow(/must be owner|permission denied/);
      await client.query('SET row_security = off');
      await expect(client.query('SELECT * FROM thing')).rejects.toThrow(/row-level security/);
    } finally {
      await client.end();
    }
  });
});
