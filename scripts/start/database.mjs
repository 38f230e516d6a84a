/** The databases of the services, on the PostgreSQL we start or the one DATABASE_URL names. */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { asideOf } from '../infrastructure/aside.mjs';
import { dataDir, giveUp, root } from '../toolchain.mjs';
import { databases, ports } from './services.mjs';

const external = process.env.DATABASE_URL;
const dir = join(dataDir, 'postgres');

export const postgresProcess = () =>
  external
    ? null
    : {
        name: 'postgres',
        args: [
          join(root, 'scripts/infrastructure/postgres.mjs'),
          '--data',
          dir,
          '--port',
          String(ports.postgres),
        ],
      };

/** The address of one database on that server, as who owns it. */
export function databaseUrl(name) {
  const address = new URL(external ?? `postgres://postgres@127.0.0.1:${ports.postgres}`);
  if (!external) address.password = readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim();
  address.pathname = `/${name}`;
  return address.href;
}

/** The same as a service logs in, who owns nothing there; migrations make the login. `file` keeps its password. */
export function serviceUrl(name, file) {
  const address = new URL(databaseUrl(name));
  address.username = `${name}_service`;
  address.password = createHmac('sha256', readFileSync(file)).update(name).digest('hex');
  return address.href;
}

async function connect(withinMs) {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      if (!external && !existsSync(join(dataDir, 'postgres.password')))
        throw new Error('it has not been set up yet');
      const client = new pg.Client({
        connectionString: databaseUrl('postgres'),
        connectionTimeoutMillis: 2000,
      });
      await client.connect();
      return client;
    } catch (error) {
      if (performance.now() > until)
        giveUp(`PostgreSQL did not answer: ${error.message}. Its log: ${join(dataDir, 'logs/postgres.log')}`);
      await wait(100);
    }
  }
}

export async function createDatabases() {
  const client = await connect(60_000);
  try {
    const { rows } = await client.query('SELECT datname FROM pg_database');
    const have = new Set(rows.map((row) => row.datname));
    for (const name of Object.values(databases)) {
      if (!have.has(name)) await client.query(`CREATE DATABASE ${name}`);
    }
  } finally {
    await client.end();
  }
}

/** With --reset: what PostgreSQL keeps outside the clone goes too. */
export function forgetPostgresAside() {
  rmSync(asideOf(dataDir), { recursive: true, force: true });
}
