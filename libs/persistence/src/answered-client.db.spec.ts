import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, TcpProxy, testDatabase, type TestDatabase } from '@backhaul/testing';
import pg from 'pg';
import { createDataSource } from './data-source.js';
import { PreparingClient } from './preparing-client.js';

jest.setTimeout(30_000);

const SILENCE_MS = 300;

describe('a connection behind which nobody answers (row 9)', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await testDatabase({ migrations: [] });
    const url = new URL(database.url);
    proxy = await TcpProxy.start(Number(url.port));
    url.port = String(proxy.port);
    pool = new pg.Pool({
      connectionString: url.href,
      Client: PreparingClient,
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: 5000,
      silenceMs: SILENCE_MS,
    } as pg.PoolConfig);
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await proxy.close();
    await database.close();
  });

  const ask = async (sql: string): Promise<unknown> => (await pool.query({ text: sql })).rows[0];

  it('is given up, whoever waits hears of it, and the pool has another one afterwards', async () => {
    const { pid } = (await ask('SELECT pg_backend_pid() AS pid')) as { pid: number };
    // Longer than the limit, and nobody asks anything: that is no silence.
    await ask('SELECT pg_sleep(0.1)');
    const idle = proxy.wires().length;
    await eventually(async () => {
      const sql = `SELECT clock_timestamp() - state_change > interval '${SILENCE_MS * 2} ms' AS is FROM pg_stat_activity WHERE pid = $1`;
      const rows: { is: boolean }[] = await database.dataSource.query(sql, [pid]);
      return rows[0]?.is === true;
    });
    expect(await ask('SELECT pg_backend_pid() AS pid')).toEqual({ pid });
    expect(proxy.wires()).toHaveLength(idle);

    proxy.swallow();
    await expect(ask('SELECT 1')).rejects.toThrow('Connection terminated');
    proxy.heal();
    await expect(ask('SELECT 1 AS one')).resolves.toEqual({ one: 1 });
  });

  it('is one of a service: what migrates may be silent for long', () => {
    const settings = { url: database.url, applicationName: 'test' };
    const extraOf = (role: 'owner' | 'runtime') =>
      createDataSource({ ...settings, role }).options.extra as Record<string, number | undefined>;
    const { statement_timeout: limit = NaN, silenceMs = NaN } = extraOf('runtime');
    expect(silenceMs).toBeGreaterThan(limit);
    expect(extraOf('owner')['silenceMs']).toBeUndefined();
  });
});
