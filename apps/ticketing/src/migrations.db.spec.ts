import { describe, expect, it } from '@jest/globals';
import { testDatabase } from '@backhaul/testing';
import { rowsOf } from '@backhaul/persistence';
import { MIGRATIONS } from './migrations.js';

describe('the migrations', () => {
  it('leave nothing behind when they are undone, and can be done again', async () => {
    const { dataSource, close } = await testDatabase({ migrations: MIGRATIONS });
    const tables = async () =>
      rowsOf<{ name: string }>(
        await dataSource.query(
          "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        ),
      ).map(({ name }) => name);
    try {
      const all = await tables();
      expect(all).toEqual(
        expect.arrayContaining(['command', 'incident', 'lane', 'outbox', 'psa_connection']),
      );
      for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
      expect((await tables()).filter((name) => name !== 'migrations')).toEqual([]);
      await dataSource.runMigrations();
      expect(await tables()).toEqual(all);
    } finally {
      await close();
    }
  });
});
