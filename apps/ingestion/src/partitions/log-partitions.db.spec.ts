import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UnitOfWork } from '@backhaul/persistence';
import { eventually, testDatabase, type TestDatabase, unprotectedTables } from '@backhaul/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ingestionDataSource } from '../database.js';
import { EventLogSource } from '../relay/event-log.source.js';
import { MIGRATIONS } from '../migrations.js';
import { store } from '../testing/stored-events.js';
import { LogPartitions, RELAY_FLOOR } from './log-partitions.js';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const BUCKET = 7;
let database: TestDatabase;
let service: DataSource;
let partitions: LogPartitions;
const owner = <R>(sql: string, params: unknown[] = []): Promise<R[]> =>
  database.dataSource.query(sql, params);

beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  service = await ingestionDataSource(database.serviceUrl, 4, 'runtime').initialize();
  partitions = new LogPartitions(new UnitOfWork(service));
});
afterAll(async () => {
  await service.destroy();
  await database.close();
});

const partitionOf = async (eventId: string): Promise<string> =>
  (await owner<{ name: string }>('SELECT tableoid::regclass::text AS name FROM event WHERE event_id = $1', [eventId]))[0]?.name ?? ''; // prettier-ignore
const monthOf = (at: Date): string => `event_${at.toISOString().slice(0, 7).replace('-', '_')}`;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);
const publishAll = (): Promise<unknown> =>
  owner(
    `UPDATE relay_lease SET pos_xid = pg_current_xact_id(), pos_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
  );
const floor = async (): Promise<string | undefined> =>
  (await owner<{ floor: string }>(`SELECT ${RELAY_FLOOR} AS floor`))[0]?.floor;
const waiting = async (): Promise<string[]> =>
  (await new EventLogSource(service).read([BUCKET], 100)).map(({ id }) => id);

describe('the months of the event log', () => {
  it('are there two months ahead once the migration is done, so that an event finds its own', async () => {
    expect((await partitions.preparation()).days).toBeGreaterThan(60);
    const id = await store(service, { at: new Date() });
    expect(await partitionOf(id)).toBe(monthOf(new Date()));
    expect(await partitions.prepare(inDays(62))).toBe(0);
  });

  it('are made once, whoever is at it', async () => {
    const [one, other, third] = await Promise.all([1, 2, 3].map(() => partitions.prepare(inDays(100))));
    expect([one, other, third].filter((made) => made !== undefined && made > 0)).toHaveLength(1);
    expect((await partitions.preparation()).days).toBeGreaterThan(99);
  });

  it('that nobody made lose nothing: events wait aside, are told of, seen and published, and are moved later', async () => {
    const late = inDays(200);
    const id = await store(service, { at: late, bucket: BUCKET });
    expect(await partitionOf(id)).toBe('event_default');
    expect((await partitions.preparation()).strays).toBe(1);
    await eventually(async () => (await waiting()).includes(id));
    expect(await partitions.prepare(late)).toBeGreaterThan(2);
    expect(await partitionOf(id)).toBe(monthOf(late));
    expect((await partitions.preparation()).strays).toBe(0);
    await eventually(async () => (await waiting()).includes(id));
  });

  it('are behind the second wall each by itself', async () => {
    expect(await unprotectedTables(database.dataSource)).toEqual([]);
    const client = new pg.Client({
      connectionString: database.serviceUrl,
      options: '-c role=backhaul_runtime',
    });
    await client.connect();
    try {
      const { rows } = await client.query(`SELECT * FROM ${monthOf(new Date())}`);
      expect(rows).toEqual([]);
      for (const name of [
        'event_log_prepare(now())',
        'event_log_settle(now())',
        `event_log_drop('x', now())`,
      ])
        await expect(client.query(`SELECT ${name}`)).rejects.toThrow('permission denied');
    } finally {
      await client.end();
    }
  });

  it('are not for the service to drop while they are young, whatever it asks for', async () => {
    const [month] = (await partitions.ofBefore('ffffffff-ffff-ffff-ffff-ffffffffffff')).filter(({ name }) => name === monthOf(new Date())); // prettier-ignore
    if (!month) throw new Error('No month of now');
    expect(await partitions.drop(month, inDays(4000))).toBe(false);
    await expect(service.query(`DROP TABLE ${month.name}`)).rejects.toThrow('must be owner');
  });
});

describe('the relay looks at what may wait, and at nothing older', () => {
  const OLD = new Date(Date.UTC(2025, 2, 3));

  it('a part of the log is settled once all in it is published, and no sooner', async () => {
    const id = await store(service, { at: OLD, bucket: BUCKET });
    await publishAll();
    await partitions.settle(new Date());
    const settledFloor = await floor();
    expect(settledFloor && settledFloor > id).toBe(true);
    const second = await store(service, { at: OLD, bucket: BUCKET });
    expect(await floor()).toBe('00000000-0000-0000-0000-000000000000');
    await partitions.settle(new Date());
    await eventually(async () => (await waiting()).includes(second));
  });

  it('a pass goes on where the last one ended, by the index, and not from the beginning of time', async () => {
    let sql = '';
    const heard = { query: (text: string) => ((sql = text), Promise.resolve([])) } as unknown as DataSource;
    await new EventLogSource(heard).read([BUCKET], 500);
    const runner = service.createQueryRunner();
    const plan = await runner.query(
      `EXPLAIN (FORMAT JSON) ${sql.replace('$1', `'{7}'`).replaceAll('$2', '500')}`,
    );
    await runner.release();
    const steps = JSON.stringify(plan).match(/"Index Cond":"[^"]*"/g) ?? [];
    const ofMonths = steps.filter((step) => step.includes('bucket = p.bucket'));
    expect(ofMonths.length).toBeGreaterThan(2);
    for (const step of ofMonths) expect(step).toContain('ROW(p.pos_xid, p.pos_id)');
  });

  it('what is assigned in a settled part is published', async () => {
    const id = await store(service, { at: OLD, accountNo: null });
    await publishAll();
    await partitions.settle(new Date());
    expect(await waiting()).toEqual([]);
    await service.query(
      'UPDATE event SET account_no = 1, bucket = $2, xid = pg_current_xact_id() WHERE event_id = $1',
      [id, BUCKET],
    );
    await eventually(async () => (await waiting()).includes(id));
    expect(await waiting()).toEqual([id]);
  });

  it('settling waits for who writes there, and sees it', async () => {
    await store(service, { at: OLD, bucket: BUCKET });
    await publishAll();
    const writer = service.createQueryRunner();
    await writer.startTransaction();
    const id = await store(writer, { at: OLD, bucket: BUCKET });
    await expect(partitions.settle(new Date())).rejects.toThrow('lock timeout');
    await writer.commitTransaction();
    await writer.release();
    await partitions.settle(new Date());
    await eventually(async () => (await waiting()).includes(id));
    expect(await waiting()).toEqual([id]);
  });
});
