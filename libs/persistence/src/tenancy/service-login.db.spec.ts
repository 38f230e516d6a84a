import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptyDatabase, serviceUrlOf, testDatabase, type TestDatabase } from '@backhaul/testing';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { createRuntimeRole, grantRuntime, protectTables, RUNTIME_ROLE } from './row-level-security.js';

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

/** What injected SQL would try once it has put the role off. */
const ATTEMPTS = [
  'SELECT * FROM thing',
  'INSERT INTO thing VALUES (gen_random_uuid(), $$x$$)',
  'DELETE FROM thing',
  'TRUNCATE thing',
  'ALTER TABLE thing DISABLE ROW LEVEL SECURITY',
  'ALTER TABLE thing NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE thing ADD COLUMN mine text',
  'DROP POLICY tenant ON thing',
  'DROP TABLE thing',
  'CREATE TABLE mine (id int)',
  'CREATE TEMPORARY TABLE mine (id int)',
  'CREATE SCHEMA mine',
  `ALTER ROLE ${RUNTIME_ROLE} BYPASSRLS`,
  'CREATE ROLE mine SUPERUSER',
  'SET SESSION AUTHORIZATION postgres',
  'SET ROLE postgres',
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ migrations: [Things1] });
  await database.dataSource.query(`INSERT INTO thing VALUES (gen_random_uuid(), 'one')`);
});
afterAll(() => database.close());

async function asService<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const options = `-c role=${RUNTIME_ROLE} -c app.partner=*`;
  const client = new pg.Client({ connectionString: database.serviceUrl, options });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('the login of a service', () => {
  it('works as the runtime role', async () => {
    const found = await asService((client) => client.query('SELECT name FROM thing'));
    expect(found.rows).toEqual([{ name: 'one' }]);
  });

  it.each(['RESET ROLE', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT; SET ROLE NONE'])(
    'gains nothing by %s',
    async (off) => {
      await asService(async (client) => {
        for (const sql of ATTEMPTS) {
          await client.query(off);
          // RESET goes back to what the connection began with: the runtime role, which may read and write rows.
          const isRows = off === 'RESET ROLE' && /^(SELECT|INSERT|DELETE)/.test(sql);
          if (isRows) continue;
          await expect(client.query(sql).then(() => `${off}; ${sql} was done`)).rejects.toThrow(
            /permission denied|must be owner|must have|does not exist/,
          );
        }
      });
      const [table] = await database.dataSource.query<{ ok: boolean; policies: number }[]>(
        `SELECT relrowsecurity AND relforcerowsecurity AS ok,
           (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies FROM pg_class c WHERE relname = 'thing'`,
      );
      expect(table).toEqual({ ok: true, policies: 1 });
    },
  );

  it('owns nothing, and may not enter the database of another service', async () => {
    const owned = await database.dataSource.query<unknown[]>(
      `SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid AND d.deptype = 'o' WHERE r.rolname = $1`,
      [new URL(database.serviceUrl).username],
    );
    expect(owned).toEqual([]);
    const other = await emptyDatabase();
    try {
      await migrate(createDataSource({ url: other.url, applicationName: 'other', migrations: [Things1] }), serviceUrlOf(other.url)); // prettier-ignore
      const elsewhere = new URL(database.serviceUrl);
      elsewhere.pathname = new URL(other.url).pathname;
      const client = new pg.Client({ connectionString: elsewhere.href });
      await expect(client.connect()).rejects.toThrow('permission denied for database');
    } finally {
      await other.drop();
    }
  });

  it('stays as it is when migrations run again', async () => {
    const { url, serviceUrl } = database;
    const again = createDataSource({ url, applicationName: 'again', migrations: [Things1] });
    await expect(migrate(again, serviceUrl)).resolves.toEqual([]);
    expect(await asService(async (client) => (await client.query('SELECT 1')).rowCount)).toBe(1);
  });
});
