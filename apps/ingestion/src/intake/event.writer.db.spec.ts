import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { hash } from 'node:crypto';
import { uuidFrom, uuidv7 } from '@backhaul/domain';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
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
const rowOf = (name: string): EventRow => ({
  eventId: uuidv7(Date.now()),
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
