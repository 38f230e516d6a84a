import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptyDatabase, testDatabase, type TestDatabase } from '@backhaul/testing';
import pg from 'pg';
import { createDataSource } from './data-source.js';
import { claimInbox } from './inbox.js';
import { migrate } from './migrate.js';
import { PERSISTENCE_MIGRATIONS } from './migrations.js';
import { UnitOfWork } from './unit-of-work.js';

describe('UnitOfWork', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase({ migrations: PERSISTENCE_MIGRATIONS });
  });
  afterAll(() => database.close());

  it.each(['40001', '40P01'])(
    'does a transaction that lost with %s again, three times at most',
    async (state) => {
      let runs = 0;
      const losing = new UnitOfWork(database.dataSource).run(async (tx) => {
        runs += 1;
        await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '${state}'; END $$`);
      });
      await expect(losing).rejects.toThrow('lost');
      expect(runs).toBe(4);
    },
  );

  it('claims a message once, however many consumers ask at the same time', async () => {
    const unitOfWork = new UnitOfWork(database.dataSource);
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const claims = await Promise.all(
      Array.from({ length: 4 }, () => unitOfWork.run((tx) => claimInbox(tx, 'consumer', ids))),
    );
    expect(claims.flatMap((claim) => [...claim]).sort()).toEqual([...ids].sort());
  });

  it('migrates once when two runners start together', async () => {
    const { url, drop } = await emptyDatabase();
    try {
      const runner = () =>
        migrate(createDataSource({ url, applicationName: 'test', migrations: PERSISTENCE_MIGRATIONS }));
      const ran = await Promise.all([runner(), runner()]);
      expect(ran.flat()).toEqual(PERSISTENCE_MIGRATIONS.map(({ name }) => name));
    } finally {
      await drop();
    }
  });

  it('a database ends transactions that idle for a minute, unless its operator says otherwise (row 17)', async () => {
    const { url, drop } = await emptyDatabase();
    const asked = async (sql: string): Promise<unknown[]> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Record<string, string>>(sql)).rows;
      } finally {
        await client.end();
      }
    };
    const run = () =>
      migrate(createDataSource({ url, applicationName: 'test', migrations: PERSISTENCE_MIGRATIONS }));
    const shown = 'SHOW idle_in_transaction_session_timeout';
    try {
      await run();
      expect(await asked(shown)).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
      const name = new URL(url).pathname.slice(1);
      await asked(`ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = '5min'`);
      await run();
      expect(await asked(shown)).toEqual([{ idle_in_transaction_session_timeout: '5min' }]);
    } finally {
      await drop();
    }
  });
});
