import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { emptyDatabase, eventually, type OwnServer, startOwnPostgres, testDatabase } from './index.js';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

describe('databases for tests', () => {
  it('are fresh for every suite and gone afterwards', async () => {
    const [one, two] = await Promise.all([emptyDatabase(), emptyDatabase()]);
    await ask(one.url, 'CREATE TABLE t (a int)');
    expect(await ask(two.url, "SELECT to_regclass('t') AS t")).toEqual({ t: null });
    await one.drop();
    await expect(ask(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
    await two.drop();
  });

  it('come migrated', async () => {
    const database = await testDatabase({ migrations: [] });
    expect(await database.dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('stand on a server of their own when none is given, and it ends with the last of them', async () => {
    const given = process.env['TEST_DATABASE_URL'];
    delete process.env['TEST_DATABASE_URL'];
    try {
      const [one, two] = await Promise.all([emptyDatabase(), emptyDatabase()]);
      expect(new URL(one.url).port).toBe(new URL(two.url).port);
      expect(new URL(one.url).port).not.toBe(new URL(given ?? 'postgres://none:1').port);
      await one.drop();
      expect(await ask(two.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
      await two.drop();
      await expect(ask(two.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    } finally {
      if (given) process.env['TEST_DATABASE_URL'] = given;
    }
  }, 90_000);
});

describe('a PostgreSQL of the test’s own', () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnPostgres();
  }, 90_000);
  afterAll(() => server.stop());

  it('can be killed and started again on the same address with the same data', async () => {
    await ask(server.address, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { address } = server;
    await server.kill();
    await expect(ask(address, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await ask(address, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  }, 90_000);

  it('can be made to hang and let go again', async () => {
    server.freeze();
    let answer: unknown = null;
    const asking = ask(server.address, 'SELECT 1 AS one').then((row) => (answer = row));
    await expect(eventually(() => answer !== null, { timeoutMs: 300 })).rejects.toThrow(/Still false/);
    server.thaw();
    await asking;
    expect(answer).toEqual({ one: 1 });
  }, 60_000);
});
