import { DataSource, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm';
import { RUNTIME_ROLE } from './tenancy/row-level-security.js';
import { TenantClient } from './tenancy/tenant-client.js';

export type DatabaseRole = 'owner' | 'runtime';

export interface DataSourceSettings {
  url: string;
  applicationName: string;
  entities?: EntityTarget<ObjectLiteral>[];
  migrations?: (new () => MigrationInterface)[];
  /** Connections at most. */
  poolSize?: number;
  /** `owner` as the URL logs in, for migrations; `runtime` owns nothing and sees the rows that the policies show. */
  role?: DatabaseRole;
  /** Every statement that matters finds its rows by an index, and is to be planned so even while its tables are small. */
  isKeyed?: boolean;
}

/**
 * A prepared statement keeps its plan until the table is analysed, up to a minute later. One made on an empty table would
 * walk all of it, when ten thousand rows have come meanwhile.
 */
const KEYED = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
  .map((name) => `-c ${name}=off`)
  .join(' ');

/** Beyond what the server itself grants a statement, so that it is the server who ends one that is only slow. */
const SILENCE_MS = 12_000;

/**
 * A pool whose statements cannot hang: 10 s each, 5 s for a lock, 10 s idle inside a transaction, and at runtime 12 s
 * where the server does not answer at all. Not yet initialised.
 */
export function createDataSource({
  url,
  applicationName,
  entities = [],
  migrations = [],
  poolSize = 10,
  role = 'owner',
  isKeyed = false,
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
      Client: TenantClient,
      options: [...(role === 'runtime' ? [`-c role=${RUNTIME_ROLE}`] : []), ...(isKeyed ? [KEYED] : [])].join(
        ' ',
      ),
      statement_timeout: 10_000,
      lock_timeout: 5000,
      // A frozen process may hold back no one's outbox for longer than this.
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
      // A migration may take its time.
      ...(role === 'runtime' && { silenceMs: SILENCE_MS }),
    },
  });
}
