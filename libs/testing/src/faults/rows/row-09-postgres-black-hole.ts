import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

const SHORT_MS = 6000;
const LONG_MS = 40_000;
/** On a machine that is busy with anything. */
const AN_ANSWER_MS = 5000;

export const row: FaultRow = {
  number: 9,
  fault: 'PostgreSQL is a black hole: what is sent to it is swallowed, connections open and nobody answers',
  expected: 'agents get 503 within 5 s; the connections that are dead are given up, and the pools recover',
  promises: ['P1', 'P9', 'P11'],
  group: 'wires',
  async run({ system, phase, invariants, measured, isLong }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row9-${provider}`);
      await system.ticket(`Row9-${provider}`, 'open');
    }
    const account = system.account('connectwise', 1);
    const at = system.ledger.nextTime(account, 'Row9-refused');

    phase('inject');
    system.proxies.postgres.swallow();

    phase('expect');
    const waits: number[] = [];
    try {
      const startedAt = performance.now();
      // The first is of a key that ingestion does not know yet, the others also of accounts it has forgotten by then.
      while (performance.now() - startedAt < (isLong ? LONG_MS : SHORT_MS)) {
        const sentAt = performance.now();
        const answer = await system.post(account, duplicatiReport('failure', 'Row9-refused', at));
        waits.push(performance.now() - sentAt);
        assert.equal(answer.status, 503);
        assert.ok(Number(answer.headers.get('retry-after')) > 0, 'Retry-After is missing');
      }
    } finally {
      system.proxies.postgres.heal();
    }
    const longest = Math.max(...waits);
    assert.ok(longest < AN_ANSWER_MS, `an agent waited ${longest.toFixed(0)} ms for its 503`);
    measured('reports sent away', waits.length);
    measured('503 after, ms (slowest)', Math.round(longest));

    phase('heal');
    const healedAt = performance.now();
    await system.report(account, 'failure', 'Row9-refused', at);
    measured('accepted again after, s', ((performance.now() - healedAt) / 1000).toFixed(1));
    for (const provider of PROVIDERS)
      await system.report(system.account(provider), 'success', `Row9-${provider}`);
    await system.ticket('Row9-refused', 'open', 120_000);
    for (const provider of PROVIDERS) await system.ticket(`Row9-${provider}`, 'closed', 120_000);
    measured('all at work again after, s', ((performance.now() - healedAt) / 1000).toFixed(1));
    await invariants(180_000);
  },
};
