import { expect, it } from '@jest/globals';
import { testDatabase, unprotectedTables } from '@backhaul/testing';
import pg from 'pg';
import { MIGRATIONS } from './migrations.js';

it('every table that names a partner is kept apart by PostgreSQL itself', async () => {
  const database = await testDatabase({ migrations: MIGRATIONS });
  try {
    expect(await unprotectedTables(database.dataSource)).toEqual([]);
  } finally {
    await database.close();
  }
});

it('what services log in as may add to the audit log, and change nothing in it, with the role or without', async () => {
  const database = await testDatabase({ migrations: MIGRATIONS });
  const client = new pg.Client({
    connectionString: database.serviceUrl,
    options: '-c role=backhaul_runtime -c app.partner=*',
  });
  await client.connect();
  try {
    const entry = `INSERT INTO audit_entry VALUES (gen_random_uuid(), 1, gen_random_uuid(), now(), 's', 'a', 't', '{}', '')`;
    expect((await client.query(entry)).rowCount).toBe(1);
    for (const role of ['RESET ROLE', 'SET ROLE NONE'])
      for (const sql of [
        "UPDATE audit_entry SET body = '{}'",
        'DELETE FROM audit_entry',
        'TRUNCATE audit_entry',
      ]) {
        await client.query(role);
        await expect(client.query(sql)).rejects.toThrow('permission denied');
      }
  } finally {
    await client.end();
    await database.close();
  }
});
