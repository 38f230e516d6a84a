import { describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@backhaul/persistence';
import { emptyDatabase } from '@backhaul/testing';
import { notificationsDataSource } from './database.js';
import { MIGRATIONS } from './migrations.js';

jest.setTimeout(60_000);

describe('migrations', () => {
  it('build what the entities say, go back to nothing, and come again', async () => {
    const { url, drop } = await emptyDatabase();
    const dataSource = await notificationsDataSource(url).initialize();
    const tables = async (): Promise<number> => {
      const rows = await dataSource.query<{ tablename: string }[]>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`,
      );
      return rows.length;
    };
    try {
      expect(await migrate(dataSource)).toHaveLength(MIGRATIONS.length);
      expect(await migrate(dataSource)).toEqual([]);
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
      const built = await tables();
      for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
      expect(await tables()).toBe(0);
      await migrate(dataSource);
      expect(await tables()).toBe(built);
    } finally {
      await dataSource.destroy();
      await drop();
    }
  });
});
