import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { FaultRow } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';
import { QUICK } from '../topology.js';

const TICKETING = 'ticketing-connectwise';
const RUNNING = "SELECT 1 FROM lane WHERE state = 'running' AND lease_until > clock_timestamp()";
const OPEN = "SELECT 1 FROM psa_connection WHERE breaker = 'open'";
const TIMED_OUT = "SELECT 1 FROM incident_entry WHERE kind = 'failed' AND text LIKE '%(timed_out)%'";

export const row: FaultRow = {
  number: 31,
  fault: 'the PSA takes every request and answers none',
  expected:
    'calls end in time as unknown, few are in flight, the breaker opens; the other PSA does not notice',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const numbers = Array.from({ length: ACCOUNTS_PER_PSA }, (_, index) => index);

    phase('inject');
    await system.simulator.fail({ provider: 'connectwise', kind: 'hang' });
    for (const n of numbers) await system.report(system.account('connectwise', n), 'failure', `Row31-${n}`);

    phase('expect');
    const limit = Number(QUICK.PSA_MAX_IN_FLIGHT);
    let most = 0;
    await eventually(
      async () => {
        most = Math.max(most, await system.stores.count(TICKETING, RUNNING));
        return (await system.stores.count(TICKETING, OPEN)) === 1;
      },
      { timeoutMs: 60_000, intervalMs: 20 },
    );
    assert.ok(most <= limit, `${most} calls were in flight, ${limit} may be`);
    measured('calls in flight at most', most);
    assert.ok((await system.stores.count(TICKETING, TIMED_OUT)) > 0);
    const startedAt = performance.now();
    await system.report(system.account('autotask', 0), 'failure', 'Row31-neighbour');
    await system.ticket('Row31-neighbour', 'open', 20_000);
    measured('ticket of the other PSA, ms', Math.round(performance.now() - startedAt));

    phase('heal');
    await system.simulator.heal();
    for (const n of numbers) await system.ticket(`Row31-${n}`, 'open', 90_000);
    await invariants();
  },
};
