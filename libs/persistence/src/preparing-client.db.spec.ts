import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { PreparingClient } from './preparing-client.js';

describe('a connection of ours', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase({ migrations: [] });
  });
  afterAll(() => database.close());

  it('that PostgreSQL ends while nobody listens ends no process, and refuses what comes after (row 12)', async () => {
    const client = new PreparingClient({ connectionString: database.url });
    await client.connect();
    const ended = new Promise((done) => client.once('end', done));
    const ask = client.query.bind(client) as unknown as (sql: string) => Promise<{ rows: { pid: number }[] }>;
    const { rows } = await ask('SELECT pg_backend_pid() AS pid');
    await database.dataSource.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    await expect(ask('SELECT 1')).rejects.toThrow(/not queryable|closed|terminated/i);
  });
});
