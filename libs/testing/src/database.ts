import { randomBytes } from 'node:crypto';
import { createDataSource, migrate } from '@backhaul/persistence';
import pg from 'pg';
import { GivenServer } from './given-server.js';
import { startOwnPostgres } from './own-postgres.js';
import type { DataSource, EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';

export interface TestDatabase {
  /** As its owner, who passes by row-level security. */
  url: string;
  /** As a service logs in. */
  serviceUrl: string;
  dataSource: DataSource;
  close(): Promise<void>;
}

const server = new GivenServer('TEST_DATABASE_URL', startOwnPostgres);

async function asAdmin(address: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The same database as a service logs in there; `migrate` makes the login. */
export function serviceUrlOf(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = loginOf(url.pathname.slice(1));
  url.password = 'service';
  return url.href;
}

const loginOf = (database: string): string => `service_of_${database}`;

/** An empty database; `drop()` ends its connections. On TEST_DATABASE_URL, else on a server of its own. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { address, release } = await server.acquire();
  const name = `t_${randomBytes(8).toString('hex')}`;
  try {
    await asAdmin(address, `CREATE DATABASE ${name}`);
  } catch (error) {
    await release();
    throw error;
  }
  const url = new URL(address);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await asAdmin(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await asAdmin(address, `DROP ROLE IF EXISTS ${loginOf(name)}`);
      await release();
    },
  };
}

/** A migrated database of the suite's own, on a real server. */
export async function testDatabase(options: {
  migrations: (new () => MigrationInterface)[];
  entities?: EntityTarget<ObjectLiteral>[];
}): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase();
  const dataSource = createDataSource({ url, applicationName: 'test', ...options, poolSize: 10 });
  const serviceUrl = serviceUrlOf(url);
  await migrate(dataSource, serviceUrl);
  await dataSource.initialize();
  return {
    url,
    serviceUrl,
    dataSource,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await drop();
    },
  };
}
