import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { UnitOfWork } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { Running } from '../testing/running.js';
import { RawRetention } from './raw-retention.js';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
let running: Running;
beforeAll(async () => {
  running = await Running.start();
});
afterAll(() => running.close());

it('drops the bytes of reports after their days, in more than one batch, and leaves the events', async () => {
  const { key } = await running.endpoint('generic');
  const body = (index: number): string =>
    JSON.stringify({ outcome: { status: 'failed' }, job: { nativeRunId: `r-${index}` } });
  const sent = Array.from({ length: 510 }, (_, index) => running.post(`/ingest/generic/${key}`, body(index)));
  for (const answer of await Promise.all(sent)) expect(answer.status).toBe(200);
  const clock = new FixedClock(new Date(Date.now() + 29 * DAY_MS));
  const logger = createLogger({ service: 'ingestion', level: 'silent' });
  const retention = new RawRetention(new UnitOfWork(running.database.dataSource), 30, clock, logger);
  expect(await retention.clear()).toBe(0);
  clock.advance(2 * DAY_MS);
  expect(await retention.clear()).toBe(510);
  expect(await retention.clear()).toBe(0);
  const rows = await running.query('SELECT 1 FROM event WHERE raw IS NULL');
  expect(rows).toHaveLength(510);
});
