import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { FaultRow } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';

const TICKETING = 'ticketing-connectwise';
const OPEN = "SELECT 1 FROM psa_connection WHERE breaker = 'open'";
const UNKNOWN = "SELECT 1 FROM command WHERE status = 'unknown'";

export const row: FaultRow = {
  number: 30,
  fault: 'the PSA drops every connection that asks it for something',
  expected:
    'the breaker opens, and the other PSA has its ticket as fast as ever; what was in doubt is searched for, none is doubled',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const numbers = Array.from({ length: ACCOUNTS_PER_PSA }, (_, index) => index);

    phase('inject');
    await system.simulator.fail({ provider: 'connectwise', kind: 'down' });
    for (const n of numbers) await system.report(system.account('connectwise', n), 'failure', `Row30-${n}`);

    phase('expect');
    await eventually(async () => (await system.stores.count(TICKETING, OPEN)) === 1, { timeoutMs: 60_000 });
    const startedAt = performance.now();
    await system.report(system.account('autotask', 0), 'failure', 'Row30-neighbour');
    await system.ticket('Row30-neighbour', 'open', 20_000);
    measured('ticket of the other PSA, ms', Math.round(performance.now() - startedAt));
    measured('commands in doubt', await system.stores.count(TICKETING, UNKNOWN));

    phase('heal');
    await system.simulator.heal();
    for (const n of numbers) await system.ticket(`Row30-${n}`, 'open', 90_000);
    const figures = await invariants();
    assert.equal(figures.set_aside, 0);
  },
};
