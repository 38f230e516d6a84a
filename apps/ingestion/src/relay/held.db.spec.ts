import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, testDatabase, type TestDatabase } from '@backhaul/testing';
import { HELD_AGE } from '../intake/ingest.metrics.js';
import { MIGRATIONS } from '../migrations.js';
import { store } from '../testing/stored-events.js';
import { EventLogSource } from './event-log.source.js';

const BUCKET = 7;
const AGE_MS = 40_000;

describe('a transaction that writes and does not end (row 17)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase({ migrations: MIGRATIONS });
  }, 60_000);
  afterAll(() => database.close());

  const heldSeconds = async (): Promise<number> => {
    const rows: { age: number }[] = await database.dataSource.query(HELD_AGE);
    return rows[0]?.age ?? NaN;
  };

  it('keeps later events from Kafka, and for how long is told until it has ended', async () => {
    const source = new EventLogSource(database.dataSource);
    const other = database.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('SELECT pg_current_xact_id()');
    const eventId = await store(database.dataSource, { at: new Date(Date.now() - AGE_MS), bucket: BUCKET });
    expect(await heldSeconds()).toBeGreaterThanOrEqual(AGE_MS / 1000 - 1);
    expect(await source.read([BUCKET], 10)).toEqual([]);
    await other.commitTransaction();
    await other.release();
    // Other suites have transactions on this server as well, short ones.
    await eventually(async () => (await heldSeconds()) === 0);
    expect(await source.read([BUCKET], 10)).toMatchObject([{ id: eventId }]);
  });
});
