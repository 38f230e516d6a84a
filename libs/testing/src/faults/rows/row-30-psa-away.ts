import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { PsaTrouble } from '../psa-trouble.js';
import type { FaultRow } from '../row.js';

const UNKNOWN = "SELECT 1 FROM command WHERE status = 'unknown'";

export const row: FaultRow = {
  number: 30,
  fault: 'the PSA drops every connection that asks it for something',
  expected:
    'the breaker opens, and the other PSA has its ticket as fast as ever; what was in doubt is searched for, none is doubled',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run(run) {
    const { system, phase, invariants, measured } = run;
    phase('arrange');
    const trouble = new PsaTrouble(run, 'Row30');

    phase('inject');
    await trouble.begin('down');

    phase('expect');
    await eventually(() => trouble.hasOpenedBreaker(), { timeoutMs: 60_000 });
    await trouble.neighbour();
    measured('commands in doubt', await system.stores.count('ticketing-connectwise', UNKNOWN));

    phase('heal');
    await trouble.end();
    const figures = await invariants();
    assert.equal(figures.set_aside, 0);
  },
};
