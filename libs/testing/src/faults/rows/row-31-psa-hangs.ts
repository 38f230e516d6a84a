import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { PsaTrouble } from '../psa-trouble.js';
import type { FaultRow } from '../row.js';
import { QUICK } from '../topology.js';

const TICKETING = 'ticketing-connectwise';
const RUNNING = "SELECT 1 FROM lane WHERE state = 'running' AND lease_until > clock_timestamp()";
const TIMED_OUT = "SELECT 1 FROM incident_entry WHERE kind = 'failed' AND text LIKE '%(timed_out)%'";

export const row: FaultRow = {
  number: 31,
  fault: 'the PSA takes every request and answers none',
  expected:
    'calls end in time as unknown, few are in flight, the breaker opens; the other PSA does not notice',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run(run) {
    const { system, phase, invariants, measured } = run;
    phase('arrange');
    const trouble = new PsaTrouble(run, 'Row31');

    phase('inject');
    await trouble.begin('hang');

    phase('expect');
    const limit = Number(QUICK.PSA_MAX_IN_FLIGHT);
    let most = 0;
    await eventually(
      async () => {
        most = Math.max(most, await system.stores.count(TICKETING, RUNNING));
        return trouble.hasOpenedBreaker();
      },
      { timeoutMs: 60_000, intervalMs: 20 },
    );
    assert.ok(most <= limit, `${most} calls were in flight, ${limit} may be`);
    measured('calls in flight at most', most);
    assert.ok((await system.stores.count(TICKETING, TIMED_OUT)) > 0);
    await trouble.neighbour();

    phase('heal');
    await trouble.end();
    await invariants();
  },
};
