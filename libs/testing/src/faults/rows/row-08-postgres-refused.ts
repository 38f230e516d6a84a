import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

const SHORT_MS = 1000;
const LONG_MS = 25_000;

/** The number of lines that speak of reports sent away. */
const refusalsIn = (logs: string): number => logs.split('reports are refused for now').length - 1;

export const row: FaultRow = {
  number: 8,
  fault: 'PostgreSQL is gone; connections are refused',
  expected: 'agents get 503 with Retry-After within a second, a line of log in ten; all goes on afterwards',
  promises: ['P1', 'P9', 'P11'],
  group: 'servers',
  smaller: 'apps/ingestion/src/intake/outage.db.spec.ts',
  async run({ system, phase, invariants, measured, isLong }) {
    phase('arrange');
    for (const provider of PROVIDERS)
      await system.report(system.account(provider), 'failure', `Row8-${provider}`);
    const before = refusalsIn(system.fleet.service('ingestion').logs());

    phase('inject');
    await system.postgres.kill();

    phase('expect');
    const account = system.account('connectwise', 1);
    const at = system.ledger.nextTime(account, 'Row8-refused');
    const waits: number[] = [];
    const startedAt = performance.now();
    while (performance.now() - startedAt < (isLong ? LONG_MS : SHORT_MS)) {
      const sentAt = performance.now();
      const answer = await system.post(account, duplicatiReport('failure', 'Row8-refused', at));
      waits.push(performance.now() - sentAt);
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0, 'Retry-After is missing');
      assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
    }
    const tens = Math.ceil((performance.now() - startedAt) / 10_000);
    // The first may still wait for a connection that was just lost.
    const usual = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.9)] ?? Infinity;
    assert.ok(usual < 1200, `an agent waited ${usual.toFixed(0)} ms for its 503`);
    measured('reports sent away', waits.length);
    measured('503 after, ms (p90)', Math.round(usual));
    const lines = refusalsIn(system.fleet.service('ingestion').logs()) - before;
    assert.ok(lines <= tens + 1, `${lines} lines of log in ${tens} times ten seconds`);

    phase('heal');
    await system.postgres.restart();
    await system.report(account, 'failure', 'Row8-refused', at);
    for (const provider of PROVIDERS)
      await system.report(system.account(provider), 'success', `Row8-${provider}`);
    await system.ticket('Row8-refused', 'open', 120_000);
    await invariants(180_000);
  },
};
