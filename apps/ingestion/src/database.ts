import { createDataSource, type DatabaseRole, EVERY_PARTNER, RUNTIME_ROLE } from '@backhaul/persistence';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations.js';

/** The service's database, not yet connected. */
export function ingestionDataSource(
  url: string,
  poolSize?: number,
  role: DatabaseRole = 'owner',
): DataSource {
  return createDataSource({
    url,
    applicationName: 'ingestion',
    migrations: MIGRATIONS,
    role,
    isKeyed: true,
    ...(poolSize !== undefined && { poolSize }),
  });
}

/** For what a report needs on its way beside its writing: its key, its account, and the relay. */
export const ROAD_CONNECTIONS = 4;

/** Two connections for events alone, so that no list or housekeeping ever stands before a report. */
export function eventPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'ingestion-events',
    max: 2,
    // Over a slow wire it takes four round trips; an agent is told within a second to come back all the same.
    connectionTimeoutMillis: 3000,
    query_timeout: 5000,
    statement_timeout: 5000,
    keepAlive: true,
    // Agents' reports are of all partners: their key says whose they are.
    options: `-c role=${RUNTIME_ROLE} -c app.partner=${EVERY_PARTNER} -c synchronous_commit=on`,
  });
  // A broken idle connection is replaced by the pool; it must not end the process.
  pool.on('error', () => undefined);
  return pool;
}
