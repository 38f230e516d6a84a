import { randomBytes } from 'node:crypto';
import { createDataSource, migrate } from '@backhaul/persistence';
import pg from 'pg';
import type { DataSource, EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';

export interface TestDatabase {
  url: string;
  dataSource: DataSource;
  close(): Promise<void>;
}

/** `npm test` gives it; without it there is nothing to test against. */
function adminUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url)
    throw new Error('TEST_DATABASE_URL is not set: run the tests by `npm test -- <words of the path>`');
  return url;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** An empty database; `drop()` ends its connections. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `t_${randomBytes(8).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name}`);
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A migrated database of the suite's own, on a real server. */
export async function testDatabase(options: {
  migrations: (new () => MigrationInterface)[];
  entities?: EntityTarget<ObjectLiteral>[];
}): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase();
  const dataSource = createDataSource({ url, applicationName: 'test', ...options, poolSize: 10 });
  await migrate(dataSource);
  await dataSource.initialize();
  return {
    url,
    dataSource,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await drop();
    },
  };
}
