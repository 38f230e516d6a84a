import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const LATENCY_MS = 3000;
const REPORTS = 40;
/** One by one they would take as many round trips. */
const MOST_MS = (REPORTS * LATENCY_MS) / 2;
const JOB = 'Row22';

/** Transactions of services in which nothing is asked for almost as long as a send takes. */
const WAITING = `SELECT application_name AS name FROM pg_stat_activity
  WHERE usename LIKE 'service_of_%' AND state LIKE 'idle in transaction%'
    AND clock_timestamp() - state_change > interval '${LATENCY_MS * 0.8} ms'`;

/** Looks all the time until nothing waits to be published; answers how often it looked, and who had one open. */
async function watch({ stores, unpublished }: Pick<System, 'stores'> & { unpublished(): Promise<number> }) {
  const guilty = new Set<string>();
  let looks = 0;
  await eventually(
    async () => {
      for (const { name } of await stores.query<{ name: string }>('ingestion', WAITING)) guilty.add(name);
      looks += 1;
      return (await unpublished()) === 0;
    },
    { timeoutMs: 180_000, intervalMs: 50 },
  );
  return { guilty: [...guilty], looks };
}

export const row: FaultRow = {
  number: 22,
  fault: 'every round trip to the broker takes 3 s longer',
  expected:
    'reports are accepted as fast as ever and leave many at once; no transaction is open while something is sent',
  promises: ['P1', 'P3', 'P9'],
  group: 'wires',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 5);
    await system.report(account, 'failure', JOB);
    await system.ticket(JOB, 'open');

    phase('inject');
    system.proxies.kafka.slow(LATENCY_MS);

    phase('expect');
    try {
      const startedAt = performance.now();
      for (let n = 0; n < REPORTS; n += 1) await system.report(account, n % 2 ? 'success' : 'failure', JOB);
      measured('accepted, ms each', Math.round((performance.now() - startedAt) / REPORTS));
      assert.ok((await system.unpublished()) > 0, 'nothing waits: the broker was not slow');
      const { guilty, looks } = await watch({
        stores: system.stores,
        unpublished: () => system.unpublished(),
      });
      const ms = performance.now() - startedAt;
      measured('all published after, ms', Math.round(ms));
      assert.ok(ms > LATENCY_MS, 'the broker was not slow');
      assert.ok(ms < MOST_MS, `${REPORTS} events took ${ms.toFixed(0)} ms: they are not sent together`);
      assert.deepEqual(guilty, [], 'a transaction was open during a send');
      measured('looks at pg_stat_activity meanwhile', looks);
      // Through the slow broker all the way, with the relays of notifications and ticketing on it.
      const wide = watch({ stores: system.stores, unpublished: () => undecided(system) });
      assert.deepEqual((await wide).guilty, [], 'a transaction was open during a send');
    } finally {
      system.proxies.kafka.heal();
    }

    phase('heal');
    await system.ticket(JOB, 'closed', 120_000);
    await invariants(180_000);
    assert.deepEqual((await overtaken(system, JOB)).wrong, []);
  },
};

/** Events of which ingestion does not know yet what was decided. */
const undecided = ({ stores }: System): Promise<number> =>
  stores.count(
    'ingestion',
    'SELECT 1 FROM event e WHERE NOT EXISTS (SELECT 1 FROM event_decision d WHERE d.event_id = e.event_id)',
  );
