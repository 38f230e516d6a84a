import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';
import { PROVIDERS, SERVICES } from '../topology.js';

export const row: FaultRow = {
  number: 47,
  fault: 'every process is killed at the same moment with work in hand, and all are started together',
  expected: 'they catch up: one ticket for each problem, none twice, and what healed is closed',
  promises: ['P1', 'P2', 'P4', 'P9'],
  group: 'servers',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const jobs = PROVIDERS.flatMap((provider) =>
      Array.from({ length: ACCOUNTS_PER_PSA }, (_, n) => ({
        account: system.account(provider, n),
        job: `Row47-${provider}-${n}`,
      })),
    );
    await system.report(jobs[0]?.account ?? system.account('connectwise'), 'failure', 'Row47-before');
    await system.ticket('Row47-before', 'open');

    phase('inject');
    for (const { account, job } of jobs) await system.report(account, 'failure', job);
    await Promise.all(SERVICES.map((name) => system.fleet.kill(name)));
    const startedAt = performance.now();
    await Promise.all(SERVICES.map((name) => system.fleet.boot(name)));

    phase('expect');
    for (const { job } of jobs) await system.ticket(job, 'open', 120_000);
    measured('all tickets stand after, ms', Math.round(performance.now() - startedAt));

    phase('heal');
    for (const { account, job } of jobs) await system.report(account, 'success', job);
    const figures = await invariants(180_000);
    const mine = (await system.tickets()).filter(({ summary }) => summary.includes('(Row47-'));
    assert.equal(mine.length, jobs.length + 1);
    measured('tickets', figures.tickets);
  },
};
