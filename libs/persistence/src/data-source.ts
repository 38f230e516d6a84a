import { DataSource, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm';
import { PreparingClient } from './preparing-client.js';

export interface DataSourceSettings {
  url: string;
  applicationName: string;
  entities?: EntityTarget<ObjectLiteral>[];
  migrations?: (new () => MigrationInterface)[];
  /** Connections at most. */
  poolSize?: number;
}

/** A pool whose statements cannot hang: 10 s each, 5 s for a lock, 10 s idle inside a transaction. Not yet initialised. */
export function createDataSource({
  url,
  applicationName,
  entities = [],
  migrations = [],
  poolSize = 10,
}: DataSourceSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    entities: entities as never[],
    migrations,
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize,
    connectTimeoutMS: 3000,
    // A broken idle connection is replaced by the pool; it must not end the process.
    poolErrorHandler: () => undefined,
    extra: {
      Client: PreparingClient,
      statement_timeout: 10_000,
      lock_timeout: 5000,
      // A frozen process may hold back no one's outbox for longer than this.
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
    },
  });
}
