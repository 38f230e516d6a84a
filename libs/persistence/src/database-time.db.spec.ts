import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setSystemTime, systemClock } from '@backhaul/domain';
import { eventually, testDatabase, type TestDatabase } from '@backhaul/testing';
import { DatabaseTime } from './database-time.js';
import { rowsOf } from './unit-of-work.js';

jest.setTimeout(60_000);
const HOUR_MS = 3_600_000;
const real = Date.now;

let database: TestDatabase;
let time: DatabaseTime | null = null;
beforeAll(async () => {
  database = await testDatabase({ migrations: [] });
});
afterAll(() => database.close());
afterEach(async () => {
  await time?.stop();
  time = null;
  setSystemTime(null);
});

/** A database whose clock is so many hours from that of this machine, and may fail. */
const databaseAt = (state: { hours: number; isAway?: boolean }): typeof database.dataSource =>
  Object.assign(Object.create(database.dataSource) as typeof database.dataSource, {
    query: async (sql: string) => {
      if (state.isAway === true) throw new Error('Connection terminated');
      const [row] = rowsOf<{ ms: number }>(await database.dataSource.query(sql));
      return [{ ms: (row?.ms ?? 0) + state.hours * HOUR_MS }];
    },
  });
const apartHours = (): number => (systemClock.now().getTime() - real()) / HOUR_MS;
const silent = { warn: () => undefined };

describe('the time of the database', () => {
  it.each([12, -12])('counts, where the machine is %d hours wrong (2.9)', async (hours) => {
    time = await DatabaseTime.follow(databaseAt({ hours }), silent);
    expect(apartHours()).toBeCloseTo(hours, 2);
  });

  it('is asked again, and goes on by the stopwatch while nobody answers', async () => {
    const state = { hours: 3, isAway: false };
    const complaints: unknown[] = [];
    time = await DatabaseTime.follow(databaseAt(state), { warn: (about) => complaints.push(about) }, 20);
    state.isAway = true;
    await eventually(() => complaints.length > 1);
    expect(apartHours()).toBeCloseTo(3, 2);
    Object.assign(state, { hours: 5, isAway: false });
    await eventually(() => Math.round(apartHours()) === 5);
  });

  it('that cannot be asked lets nobody start', async () => {
    await expect(DatabaseTime.follow(databaseAt({ hours: 0, isAway: true }), silent)).rejects.toThrow(
      'terminated',
    );
  });
});
