import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidFrom } from '@backhaul/domain';
import { UnitOfWork } from '@backhaul/persistence';
import { FixedClock, testDatabase, type TestDatabase } from '@backhaul/testing';
import type { DataSource } from 'typeorm';
import { ingestionDataSource } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import { LogPartitions } from '../partitions/log-partitions.js';
import { SOMEBODY, store } from '../testing/stored-events.js';
import { LogRetention } from './log-retention.js';

jest.setTimeout(60_000);

/** The clock never passes that of the database: what is young by it is never dropped. */
const NOW = new Date();
const DAY_MS = 86_400_000;
const OTHER = uuidFrom('other') as PartnerId;
const goOn = new AbortController().signal;
let database: TestDatabase;
let service: DataSource;
let retention: LogRetention;
let partitions: LogPartitions;

const owner = <R>(sql: string, params: unknown[] = []): Promise<R[]> =>
  database.dataSource.query(sql, params);
const ago = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS);
const ids = async (table = 'event'): Promise<string[]> =>
  (await owner<{ id: string }>(`SELECT event_id AS id FROM ${table} ORDER BY 1`)).map(({ id }) => id);
const publishAll = (): Promise<unknown> =>
  owner(
    `UPDATE relay_lease SET pos_xid = pg_current_xact_id(), pos_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
  );
const keep = (partnerId: PartnerId, days: number): Promise<unknown> =>
  owner('INSERT INTO event_retention VALUES ($1, $2)', [partnerId, days]);
const pass = () => retention.pass(goOn);

/** All that may stand beside an event. */
async function tellOf(eventId: string, state = 'done', partnerId = SOMEBODY): Promise<void> {
  await owner('INSERT INTO event_replay VALUES ($1, 1, now())', [eventId]);
  await owner('INSERT INTO event_decision VALUES ($1, $2, now())', [eventId, partnerId]);
  await owner(
    `INSERT INTO event_action (event_id, request_id, partner_id, rule_id, state, at) VALUES ($1, $1, $2, $1, $3, now())`,
    [eventId, partnerId, state],
  );
  await owner(
    `INSERT INTO operation VALUES ($1, $2, 34826, 80202028, $1, 'done', 'key:test', NULL, now(), now())`,
    [eventId, partnerId],
  );
}
/** Of each job in the log another run is expected. */
const expectNext = (): Promise<unknown> =>
  owner(
    `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, due_at, status, known_since, last_event_id)
     SELECT account_no, job_hash, partner_id, bucket, now() + interval '1 day', 'waiting', now(), event_id FROM event`,
  );
const nobodyLooks = (): Promise<unknown> =>
  owner(`UPDATE expectation SET due_at = now() - interval '8 days'`);
const BESIDE = ['event_key', 'event_replay', 'event_decision', 'event_action', 'operation'];

beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  service = await ingestionDataSource(database.serviceUrl, 4, 'runtime').initialize();
  partitions = new LogPartitions(new UnitOfWork(service));
  retention = new LogRetention(new UnitOfWork(service), partitions, new FixedClock(NOW), 100, 7);
});
beforeEach(() => publishAll());
afterEach(async () => {
  await owner(`TRUNCATE event, ${BESIDE.join(', ')}, event_retention, expectation`);
});
afterAll(async () => {
  await service.destroy();
  await database.close();
});

describe('the log goes back as far as its partner keeps it', () => {
  it('in batches, with all that stands beside an event, and nothing that is younger', async () => {
    const old = [];
    for (let n = 0; n < 20; n += 1) old.push(await store(service, { at: ago(101 + n) }));
    const young = await store(service, { at: ago(99) });
    for (const id of [...old, young]) await tellOf(id);
    await publishAll();
    expect(await pass()).toMatchObject({ removed: 20 });
    for (const table of ['event', ...BESIDE]) expect([table, await ids(table)]).toEqual([table, [young]]);
    expect(await pass()).toMatchObject({ removed: 0 });
  });

  it('each partner by its own days, shorter or longer than the others', async () => {
    await keep(SOMEBODY, 40);
    await keep(OTHER, 200);
    const third = uuidFrom('third') as PartnerId;
    const [gone, kept, keptByOther, goneOfThird] = [
      await store(service, { at: ago(41) }),
      await store(service, { at: ago(39) }),
      await store(service, { at: ago(199), partnerId: OTHER }),
      await store(service, { at: ago(101), partnerId: third }),
    ];
    await publishAll();
    expect(await pass()).toMatchObject({ removed: 2 });
    const left = await ids();
    expect(left).toEqual([keptByOther, kept]);
    expect(left).not.toContain(gone);
    expect(left).not.toContain(goneOfThird);
  });

  it('and several processes at it do no harm', async () => {
    for (let n = 0; n < 60; n += 1)
      await store(service, { at: ago(101 + n), partnerId: n % 2 ? OTHER : SOMEBODY });
    await publishAll();
    const done = await Promise.all([pass(), pass(), pass()]);
    expect(done.reduce((sum, { removed }) => sum + removed, 0)).toBe(60);
    expect(await ids()).toEqual([]);
    expect(await ids('event_key')).toEqual([]);
  });
});

describe('what still waits stays, however old', () => {
  it('for Kafka, until it is published', async () => {
    const id = await store(service, { at: ago(300) });
    await pass();
    expect(await ids()).toEqual([id]);
    await publishAll();
    await pass();
    expect(await ids()).toEqual([]);
  });

  it('for a ticket, and for the end of a reprocessing', async () => {
    const [ticket, reprocessed] = [
      await store(service, { at: ago(300) }),
      await store(service, { at: ago(299) }),
    ];
    await publishAll();
    await tellOf(ticket, 'pending');
    await tellOf(reprocessed);
    await owner(`UPDATE operation SET state = 'running' WHERE event_id = $1`, [reprocessed]);
    await pass();
    expect(await ids()).toEqual([ticket, reprocessed]);
    await owner(`UPDATE event_action SET state = 'failed'`);
    await owner(`UPDATE operation SET state = 'done'`);
    expect(await pass()).toMatchObject({ removed: 2 });
  });

  it('for the next run of its job, which it is to name, as long as somebody looks', async () => {
    const id = await store(service, { at: ago(300) });
    await publishAll();
    await expectNext();
    await pass();
    expect(await ids()).toEqual([id]);
    await nobodyLooks();
    expect(await pass()).toMatchObject({ removed: 1 });
  });

  it('results without an account go like others', async () => {
    await store(service, { at: ago(101), accountNo: null });
    const young = await store(service, { at: ago(99), accountNo: null });
    await pass();
    expect(await ids()).toEqual([young]);
  });

  it('what is told of an event that is gone goes with the next pass', async () => {
    const id = await store(service, { at: ago(300) });
    await owner('DELETE FROM event');
    await tellOf(id);
    await pass();
    expect(await ids('event_action')).toEqual([]);
  });
});

describe('months that nobody keeps any more', () => {
  const names = async (): Promise<string[]> =>
    (await owner<{ name: string }>(`SELECT relid::text AS name FROM pg_partition_tree('event') WHERE isleaf`)).map(({ name }) => name); // prettier-ignore
  /** A month long ago, as if it had been prepared then. */
  async function makeMonth(): Promise<void> {
    await owner(
      `CREATE TABLE event_2025_03 PARTITION OF event
       FOR VALUES FROM (event_id_at('2025-03-01Z')) TO (event_id_at('2025-04-01Z'))`,
    );
    await owner(
      `INSERT INTO event_partition VALUES ('event_2025_03', event_id_at('2025-03-01Z'), event_id_at('2025-04-01Z'))`,
    );
  }
  const MARCH = new Date(Date.UTC(2025, 2, 10));

  it('are dropped whole, with all that stood beside their events', async () => {
    await makeMonth();
    for (let n = 0; n < 20; n += 1) {
      const partnerId = n % 2 ? OTHER : SOMEBODY;
      const id = await store(service, { at: new Date(MARCH.getTime() + n), partnerId });
      await tellOf(id, 'done', partnerId);
    }
    await publishAll();
    expect(await pass()).toEqual({ removed: 0, dropped: ['event_2025_03'] });
    expect(await names()).not.toContain('event_2025_03');
    for (const table of ['event', ...BESIDE]) expect([table, await ids(table)]).toEqual([table, []]);
  });

  it('stay while one partner keeps them, or while something in them waits', async () => {
    await makeMonth();
    await keep(OTHER, 3650);
    const theirs = await store(service, { at: MARCH, partnerId: OTHER });
    await store(service, { at: MARCH });
    await publishAll();
    expect(await pass()).toEqual({ removed: 1, dropped: [] });
    expect(await ids()).toEqual([theirs]);
    await owner('DELETE FROM event_retention');
    const waits = await store(service, { at: MARCH });
    expect(await pass()).toEqual({ removed: 1, dropped: [] });
    expect(await ids()).toEqual([waits]);
    await publishAll();
    await expectNext();
    expect(await pass()).toEqual({ removed: 0, dropped: [] });
    await nobodyLooks();
    expect(await pass()).toMatchObject({ dropped: ['event_2025_03'] });
  });

  it('are left for later, and nobody waits long, while somebody reads the log', async () => {
    await makeMonth();
    await store(service, { at: MARCH });
    await publishAll();
    const reader = service.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT 1 FROM event');
    expect(await pass()).toEqual({ removed: 1, dropped: [] });
    await reader.commitTransaction();
    await reader.release();
    expect(await pass()).toEqual({ removed: 0, dropped: ['event_2025_03'] });
  });
});
