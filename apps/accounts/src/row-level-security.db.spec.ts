import { expect, it } from '@jest/globals';
import { testDatabase, unprotectedTables } from '@backhaul/testing';
import { MIGRATIONS } from './migrations.js';

it('every table that names a partner is kept apart by PostgreSQL itself', async () => {
  const database = await testDatabase({ migrations: MIGRATIONS });
  try {
    expect(await unprotectedTables(database.dataSource)).toEqual([]);
  } finally {
    await database.close();
  }
});
