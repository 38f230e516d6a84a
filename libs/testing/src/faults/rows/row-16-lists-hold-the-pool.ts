import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { askApi } from '../api.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

/** What lists show of events that came twice, and nothing that a report needs on its way; each such list takes 9 s. */
const SLOW = `ALTER TABLE event_replay ENABLE ROW LEVEL SECURITY;
  CREATE POLICY anybody ON event_replay USING (true);
  CREATE POLICY slow ON event_replay AS RESTRICTIVE FOR SELECT USING (pg_sleep(9) IS NOT NULL)`;
const AS_EVER = `DROP POLICY anybody ON event_replay; DROP POLICY slow ON event_replay;
  ALTER TABLE event_replay DISABLE ROW LEVEL SECURITY`;
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
  AND application_name = 'ingestion' AND wait_event = 'PgSleep'`;
/** Connections of ingestion beside those that reports have for themselves. */
const POOL = 8;
const LISTS_AT_ONCE = 40;

export const row: FaultRow = {
  number: 16,
  fault: 'slow lists of the portal hold every connection to the database that lists may have',
  expected:
    'lists are answered 503, in time; reports, also of keys never seen before, are taken and become tickets as ever',
  promises: ['P1', 'P5'],
  group: 'psas',
  smaller: 'apps/ingestion/src/intake/road.db.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const { stores } = system;
    const account = system.account('connectwise', 2);
    const at = system.ledger.nextTime(account, 'Row16-twice');
    for (const _ of ['once', 'again']) await system.report(account, 'failure', 'Row16-twice', at);
    await system.ticket('Row16-twice', 'open');
    // No key is in memory then.
    await system.fleet.restart('ingestion');

    phase('inject');
    await stores.query('ingestion', SLOW);
    let isOver = false;
    const statuses: number[] = [];
    const ask = async (): Promise<void> => {
      while (!isOver) statuses.push((await askApi(system, 'GET', '/events?limit=50')).status);
    };
    const asking = Array.from({ length: LISTS_AT_ONCE }, ask);
    try {
      await eventually(async () => (await stores.count('ingestion', WAITING)) >= POOL, { timeoutMs: 30_000 });

      phase('expect');
      let slowest = 0;
      // The last one is a failure: what heals before its ticket is made needs none.
      const rounds = isLong ? 21 : 3;
      for (let round = 0; round < rounds; round += 1)
        for (const provider of PROVIDERS) {
          const sentAt = performance.now();
          const result = round % 2 ? 'success' : 'failure';
          await system.report(system.account(provider, 3), result, `Row16-${provider}`);
          slowest = Math.max(slowest, performance.now() - sentAt);
        }
      assert.ok(slowest < 20_000, `a report took ${slowest.toFixed(0)} ms`);
      measured('a report meanwhile, ms at most', Math.round(slowest));
      for (const provider of PROVIDERS) await system.ticket(`Row16-${provider}`, 'open');
      assert.ok((await stores.count('ingestion', WAITING)) > 0, 'lists waited for nothing');
    } finally {
      isOver = true;
      await stores.query('ingestion', AS_EVER);
    }
    await Promise.all(asking);
    measured('lists sent away', statuses.filter((status) => status !== 200).length);
    assert.ok(statuses.includes(503), `lists were answered ${[...new Set(statuses)].join(', ')}`);

    phase('heal');
    assert.equal((await askApi(system, 'GET', '/events?limit=50')).status, 200);
    await invariants();
  },
};
