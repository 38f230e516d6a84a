import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { Running } from '../testing/running.js';

jest.setTimeout(120_000);

const CONNECTIONS = 2;
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const REPORT = JSON.stringify({ outcome: { status: 'failed' }, job: { nativeJobId: 'nightly' } });

let running: Running;
beforeAll(async () => {
  running = await Running.start({ DATABASE_POOL_SIZE: String(CONNECTIONS) });
});
afterAll(() => running.close());

it('a report has its key, its account and its place in the log while slow lists hold every other connection', async () => {
  const isTaken = async (key: string): Promise<boolean> =>
    (await running.post(`/ingest/generic/${key}`, REPORT)).status === 200;
  await eventually(async () => isTaken((await running.endpoint('generic')).key), { timeoutMs: 30_000 });
  // One that the process has not seen yet has to be looked up.
  const { key } = await running.endpoint('generic');
  const holder = running.database.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('LOCK TABLE event_action IN ACCESS EXCLUSIVE MODE');
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) await running.api('GET', '/events');
  };
  const lists = Array.from({ length: 10 }, ask);
  await eventually(async () => (await running.query(WAITING)).length === CONNECTIONS, { timeoutMs: 30_000 });

  await eventually(() => isTaken(key), { timeoutMs: 30_000 });
  expect((await running.query(WAITING)).length).toBeGreaterThan(0);

  isOver = true;
  await holder.rollbackTransaction();
  await holder.release();
  await Promise.all(lists);
  expect((await running.api('GET', '/events')).status).toBe(200);
});
