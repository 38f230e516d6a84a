import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { hash } from 'node:crypto';
import { uuidFrom, uuidv7 } from '@backhaul/domain';
import { TcpProxy, testDatabase, type TestDatabase } from '@backhaul/testing';
import type { Pool } from 'pg';
import { eventPool } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import type { EventRow } from './event-row.js';
import { compareRows, EventWriter, isDataError, type Stored } from './event.writer.js';
import { GroupWriter } from './group-writer.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let pools: Pool[];
beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  pools = [eventPool(database.url), eventPool(database.url)];
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.close();
});

const partnerId = uuidv7(Date.now());
const rowOf = (name: string, receivedAtMs = Date.now()): EventRow => ({
  eventId: uuidv7(receivedAtMs),
  partnerId,
  dedupeId: uuidFrom(name),
  bodyHash: hash('sha256', name, 'buffer'),
  accountNo: 80202028,
  custId: 34826,
  bucket: 3,
  jobHash: 1n,
  occurredAtMs: Date.now(),
  isConclusive: true,
  isSuccess: false,
  type: 'backup.failed',
  severity: 'ERROR',
  traceparent: null,
  body: '{}',
  detail: null,
  raw: Buffer.from(name),
  brandId: null,
  status: 'failed',
  job: null,
  hostName: null,
  message: null,
});

it('two processes that write the same events in opposite order neither wait for each other for ever nor store twice', async () => {
  for (let round = 0; round < 10; round += 1) {
    const names = Array.from({ length: 200 }, (_, index) => `${round}/${index}`);
    const writers = pools.map((pool) => {
      const writer = new EventWriter(pool);
      const write = (rows: readonly EventRow[]): Promise<Stored[]> => writer.write(rows);
      return new GroupWriter({ write, compare: compareRows, isDataError, maxWaitMs: 30_000 });
    });
    const orders = [names, [...names].reverse()];
    const stored = await Promise.all(
      writers.map((writer, index) =>
        Promise.all((orders[index] ?? []).map((name) => writer.add(rowOf(name)))),
      ),
    );
    const outcomes = stored.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(200);
    await Promise.all(writers.map((writer) => writer.stop()));
  }
});

const MONTH_MS = 31 * 86_400_000;

it('the same report received in two months at once, by two processes, is one event (P1)', async () => {
  const [one, other] = pools.map((pool) => new EventWriter(pool));
  for (let round = 0; round < 20; round += 1) {
    const names = Array.from({ length: 20 }, (_, index) => `${round}/months/${index}`).sort();
    const rowsAt = (ms: number) => names.map((name) => rowOf(name, ms)).sort(compareRows);
    const [now, next] = [rowsAt(Date.now()), rowsAt(Date.now() + MONTH_MS)];
    const stored = await Promise.all([one?.write(now), other?.write(next)]);
    const outcomes = stored.flatMap((rows) => rows ?? []).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(20);
  }
  const [twice] = await database.dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM (SELECT dedupe_id FROM event GROUP BY dedupe_id HAVING count(*) > 1) twice`,
  );
  expect(twice?.count).toBe(0);
  const [keyless] = await database.dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM event e FULL JOIN event_key k USING (dedupe_id, event_id)
     WHERE e.body IS NULL OR k.dedupe_id IS NULL`,
  );
  expect(keyless?.count).toBe(0);
});

it('a repeat months later is a duplicate, with other words a conflict; once its event has gone it is told so all the same', async () => {
  const [writer] = pools.map((pool) => new EventWriter(pool));
  const write = async (row: EventRow) => (await writer?.write([row]))?.[0];
  const first = rowOf('long ago', Date.now() - 5 * MONTH_MS);
  expect(await write(first)).toEqual({ outcome: 'accepted', eventId: first.eventId });
  expect(await write(rowOf('long ago'))).toEqual({ outcome: 'duplicate', eventId: first.eventId });
  const other = { ...rowOf('long ago'), bodyHash: hash('sha256', 'other words', 'buffer') };
  expect(await write(other)).toEqual({ outcome: 'conflict', eventId: first.eventId });
  await database.dataSource.query('DELETE FROM event WHERE event_id = $1', [first.eventId]);
  expect(await write(other)).toEqual({ outcome: 'duplicate', eventId: first.eventId });
});

it('a group that lost a race three times is written all the same (row 13)', async () => {
  await database.dataSource.query(`
    CREATE SEQUENCE lost;
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      IF nextval('lost') <= 3 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END IF;
      RETURN NULL; END $$;
    CREATE TRIGGER lose BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION lose()`);
  try {
    const stored = await new EventWriter(pools[0] as Pool).write([rowOf('lost')]);
    expect(stored).toMatchObject([{ outcome: 'accepted' }]);
  } finally {
    await database.dataSource.query('DROP TRIGGER lose ON event; DROP FUNCTION lose; DROP SEQUENCE lost');
  }
});

it('connects over a wire on which each round trip takes 400 ms (row 11)', async () => {
  const url = new URL(database.url);
  const proxy = await TcpProxy.start(Number(url.port));
  url.port = String(proxy.port);
  proxy.slow(400);
  const pool = eventPool(url.href);
  try {
    await expect(new EventWriter(pool).write([rowOf('slow')])).resolves.toMatchObject([
      { outcome: 'accepted' },
    ]);
  } finally {
    await pool.end();
    await proxy.close();
  }
});
