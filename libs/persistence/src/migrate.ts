import pg from 'pg';
import type { DataSource } from 'typeorm';
import { limitIdleTransactions } from './idle-limit.js';
import { createServiceLogin } from './tenancy/service-login.js';

/** Any number; the same for all of ours, so that no two runners work on one database at once. */
const LOCK = 4_710_823;

/**
 * Runs what has not run yet, one runner at a time: TypeORM takes no lock of its own.
 * Answers the names of the migrations it ran. The data source may be initialised or not; it is left as it was.
 * `serviceUrl` is the address under which the service itself will log in.
 */
export async function migrate(dataSource: DataSource, serviceUrl?: string): Promise<string[]> {
  const { url } = dataSource.options as { url?: string };
  // A session lock survives a pooled connection's release, so it has a connection of its own.
  const guard = new pg.Client(url ? { connectionString: url } : {});
  await guard.connect();
  const wasInitialised = dataSource.isInitialized;
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [LOCK]);
    if (!wasInitialised) await dataSource.initialize();
    const ran = await dataSource.runMigrations();
    await limitIdleTransactions(guard);
    if (url && serviceUrl) await createServiceLogin(guard, url, serviceUrl);
    return ran.map((migration) => migration.name);
  } finally {
    if (!wasInitialised && dataSource.isInitialized) await dataSource.destroy();
    await guard.end();
  }
}
