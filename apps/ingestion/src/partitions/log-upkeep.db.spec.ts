import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { UnitOfWork } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { FixedClock, testDatabase, type TestDatabase } from '@backhaul/testing';
import type { DataSource } from 'typeorm';
import { ingestionDataSource } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import { LogRetention } from '../retention/log-retention.js';
import { store } from '../testing/stored-events.js';
import { LogPartitions } from './log-partitions.js';
import { LogUpkeep } from './log-upkeep.js';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const logs: string[] = [];
let database: TestDatabase;
let service: DataSource;
beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  service = await ingestionDataSource(database.serviceUrl, 4, 'runtime').initialize();
});
afterAll(async () => {
  await service.destroy();
  await database.close();
});

class Broken extends LogPartitions {
  override prepare(): Promise<number> {
    return Promise.reject(new Error('no room for months'));
  }
}

function upkeepAt(now: Date, partitions: LogPartitions): LogUpkeep {
  const clock = new FixedClock(now);
  const destination = { write: (line: string) => void logs.push(line) };
  const logger = createLogger({ service: 'ingestion', level: 'info', destination });
  return new LogUpkeep(
    partitions,
    new LogRetention(new UnitOfWork(service), partitions, clock, 100),
    clock,
    logger,
  );
}

it('a pass makes months ahead and ends what nobody keeps; a step that fails is told of, and keeps no other back', async () => {
  const unitOfWork = new UnitOfWork(service);
  const old = await store(service, { at: new Date(Date.now() - 101 * DAY_MS) });
  const events = () => database.dataSource.query<unknown[]>('SELECT 1 FROM event WHERE event_id = $1', [old]);
  await database.dataSource.query(
    `UPDATE relay_lease SET pos_xid = pg_current_xact_id(), pos_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
  );
  const partitions = new LogPartitions(unitOfWork);
  const before = await partitions.preparation();
  await upkeepAt(new Date(), new Broken(unitOfWork)).pass();
  expect(await events()).toEqual([]);
  expect(logs.join('')).toContain('no room for months');
  expect((await partitions.preparation()).days).toBeLessThanOrEqual(before.days);
  await upkeepAt(new Date(Date.now() + 40 * DAY_MS), partitions).pass();
  expect((await partitions.preparation()).days).toBeGreaterThan(40 + 60);
});

it('one that is told to stop ends at once', async () => {
  const upkeep = upkeepAt(new Date(), new LogPartitions(new UnitOfWork(service)));
  upkeep.start();
  await upkeep.stop();
});
