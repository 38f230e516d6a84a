import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { LoadSignals } from '@backhaul/http';
import { uuidv7 } from '@backhaul/domain';
import { eventually, FixedClock, testDatabase, type TestDatabase } from '@backhaul/testing';
import { MIGRATIONS } from '../migrations.js';
import { BacklogProbe } from './backlog.probe.js';

const EVENTS = 2000;
const BODY_BYTES = 1000;

let database: TestDatabase;
let probe: BacklogProbe;
const clock = new FixedClock('2026-11-20T00:00:00.000Z');
beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  // A room of 8 MB.
  probe = new BacklogProbe(database.dataSource, database.dataSource, 8, () => clock.monotonicMs());
});
afterAll(async () => {
  probe.stop();
  await database.close();
});

/** What it says once it has looked anew. */
async function lookedAnew(until: (signals: LoadSignals) => boolean): Promise<LoadSignals> {
  clock.advance(10_000);
  return eventually(async () => {
    const signals = await probe.read();
    return signals.backlogShare !== undefined && until(signals) && signals;
  });
}

it('tells the age and the share of what waits for Kafka, and nothing of what has left', async () => {
  expect(await lookedAnew(() => true)).toMatchObject({ outboxAgeS: 0, backlogShare: 0 });
  const id = uuidv7(Date.now() - 90_000);
  await database.dataSource.query(
    `INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, bucket, job_hash, occurred_at, is_conclusive, is_success, type, severity, body)
     SELECT CASE n WHEN 1 THEN $1::uuid ELSE gen_random_uuid() END, $1::uuid, gen_random_uuid(), '', 1, 7, 1, now(), true, true, 'backup.completed', 'OK', repeat('x', ${BODY_BYTES})
     FROM generate_series(1, ${EVENTS}) n`,
    [id],
  );
  await database.dataSource.query('ANALYZE event');
  const waiting = await lookedAnew(({ backlogShare = 0 }) => backlogShare > 0);
  expect(waiting.backlogShare).toBeGreaterThan((EVENTS * BODY_BYTES) / (8 * 1024 * 1024));
  expect(waiting.backlogShare).toBeLessThan(1);
  await database.dataSource.query(
    `UPDATE relay_lease SET pos_xid = pg_current_xact_id(), pos_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' WHERE bucket = 7`,
  );
  expect(await lookedAnew(({ backlogShare }) => backlogShare === 0)).toMatchObject({ backlogShare: 0 });
});
