import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { QUICK } from '../topology.js';

const TICKETING = 'ticketing-connectwise';
/** Begin of the call, and tolerance, as ticketing has them (`settleMsOf`). */
const FRESH_MS = 1000;
const TOLERANCE_MS = 1000;

/** When creates of that job were sent, milliseconds. */
async function createsOf({ simulator }: System, job: string): Promise<number[]> {
  const mine = (await simulator.requests()).filter(
    ({ operation, body }) => operation === 'create' && JSON.stringify(body).includes(`(${job})`),
  );
  return mine.map(({ at }) => Date.parse(at));
}

export const row: FaultRow = {
  number: 36,
  fault: 'the search of the PSA lags; one create was lost, of another only the answer',
  expected:
    'the one that stands is found and not made again; the other is made again, but not before all is settled',
  promises: ['P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const lagMs = isLong ? 120_000 : Number(QUICK.PSA_SEARCH_LAG_MS);
    const settleMs = FRESH_MS + Number(QUICK.PSA_REQUEST_TIMEOUT_MS) + lagMs + TOLERANCE_MS;
    if (isLong) await system.fleet.restart(TICKETING, { PSA_SEARCH_LAG_MS: String(lagMs) });
    const [stands, lost] = [system.account('connectwise', 0), system.account('connectwise', 1)];

    phase('inject');
    await system.simulator.fail({ provider: 'connectwise', kind: 'search_lag', delayMs: lagMs - 200 });
    await system.simulator.fail({ provider: 'connectwise', kind: 'drop_reply', match: 'create', times: 1 });
    await system.report(stands, 'failure', 'Row36-stands');
    await system.ticket('Row36-stands', 'open');
    await system.simulator.fail({ provider: 'connectwise', kind: 'down', match: 'create', times: 1 });
    await system.report(lost, 'failure', 'Row36-lost');

    phase('expect');
    await system.ticket('Row36-lost', 'open', settleMs + 60_000);
    const [first = 0, second = 0, ...more] = await createsOf(system, 'Row36-lost');
    assert.equal(more.length, 0);
    // The settle time counts from the mark, which is at most so old when the call begins.
    assert.ok(second - first >= settleMs - FRESH_MS, `created again after ${second - first} ms`);
    measured('created again after, ms', second - first);
    measured('settle time, ms', settleMs);

    phase('heal');
    for (const [account, job] of [
      [stands, 'Row36-stands'],
      [lost, 'Row36-lost'],
    ] as const) {
      await system.report(account, 'success', job);
      await system.ticket(job, 'closed', settleMs + 60_000);
    }
    await system.simulator.heal();
    if (isLong) await system.fleet.restart(TICKETING);
    await invariants(settleMs + 120_000);
    assert.equal((await createsOf(system, 'Row36-stands')).length, 1);
  },
};
