import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { BreakerDiary } from '../breaker-diary.js';
import type { FaultRow } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';
import { QUICK } from '../topology.js';

const SHORT_OPENINGS = 3;
const LONG_OPENINGS = 5;

export const row: FaultRow = {
  number: 44,
  fault: 'half of all answers of the PSA are errors, by a seed; two processes call it',
  expected: 'over both at most one probe in each time of rest, and the rest grows with each failure in a row',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/lanes/outages.db.spec.ts',
  async run({ system, seed, isLong, phase, invariants, measured }) {
    phase('arrange');
    const twin = await system.fleet.bootTwin('ticketing-connectwise');
    const diary = new BreakerDiary(system.stores, 'ticketing-connectwise');
    await diary.begin();
    const numbers = Array.from({ length: ACCOUNTS_PER_PSA }, (_, index) => index);

    phase('inject');
    const errors = { provider: 'connectwise', kind: 'status', status: 500, rate: 0.5, seed } as const;
    await system.simulator.fail(errors);
    let round = 0;
    await eventually(
      async () => {
        // Work for the breaker to let through or not: all fail, all heal, and again.
        for (const n of numbers)
          await system.report(
            system.account('connectwise', n),
            round % 2 ? 'success' : 'failure',
            `Row44-${n}`,
          );
        round += 1;
        return (await diary.mostOpenings()) >= (isLong ? LONG_OPENINGS : SHORT_OPENINGS);
      },
      { timeoutMs: 180_000, intervalMs: 1000 },
    );

    phase('expect');
    const resetMs = Number(QUICK.BREAKER_RESET_MS);
    const { complaints, probes, openings } = await diary.read(resetMs);
    assert.deepEqual(complaints, []);
    measured('openings', openings);
    measured('probes', probes);
    measured('openings in a row', await diary.mostOpenings());

    phase('heal');
    await system.simulator.heal();
    await diary.end();
    await system.fleet.endTwin(twin);
    await invariants(180_000);
  },
};
