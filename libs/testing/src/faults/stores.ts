import pg from 'pg';
import { eventually } from '../eventually.js';
import type { StoreName } from './topology.js';

interface Wanted {
  rows?: number;
  params?: unknown[];
}

/** The services' databases, looked at from outside. */
export class Stores {
  private readonly pools = new Map<StoreName, pg.Pool>();

  constructor(private readonly urlOf: (name: StoreName) => string) {}

  async query<R>(name: StoreName, sql: string, params: unknown[] = []): Promise<R[]> {
    const { rows } = await this.pool(name).query(sql, params);
    return rows as R[];
  }

  async count(name: StoreName, sql: string, params: unknown[] = []): Promise<number> {
    const [row] = await this.query<{ n: string }>(
      name,
      `SELECT count(*) AS n FROM (${sql}) AS counted`,
      params,
    );
    return Number(row?.n ?? 0);
  }

  /** Waits until there are that many rows, or more. */
  async until(name: StoreName, sql: string, { rows = 1, params = [] }: Wanted = {}): Promise<void> {
    const check = async (): Promise<boolean> => (await this.count(name, sql, params)) >= rows;
    await eventually(check, { timeoutMs: 60_000 });
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }

  private pool(name: StoreName): pg.Pool {
    const known = this.pools.get(name);
    if (known) return known;
    const pool = new pg.Pool({ connectionString: this.urlOf(name), max: 2, connectionTimeoutMillis: 3000 });
    // A row may end the server under it.
    pool.on('error', () => undefined);
    this.pools.set(name, pool);
    return pool;
  }
}
