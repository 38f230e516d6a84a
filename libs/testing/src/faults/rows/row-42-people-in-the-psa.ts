import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

export const row: FaultRow = {
  number: 42,
  fault: 'people close and move tickets in the PSA while their problems last',
  expected:
    'a closed one is opened again with the next failure, a moved one stays where it is; none is doubled',
  promises: ['P1', 'P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const jobs = PROVIDERS.flatMap((provider) =>
      (['close', 'move'] as const).map((action, index) => ({
        account: system.account(provider, index),
        provider,
        action,
        job: `Row42-${provider}-${action}`,
      })),
    );
    for (const { account, job } of jobs) await system.report(account, 'failure', job);
    const before = new Map<string, string>();
    for (const { job } of jobs) before.set(job, (await system.ticket(job, 'open')).id);

    phase('inject');
    for (const { provider, job, action } of jobs)
      await system.simulator.act(provider, before.get(job) ?? '', action);

    phase('expect');
    for (const { account, job } of jobs) await system.report(account, 'failure', job);
    for (const { job } of jobs) assert.equal((await system.ticket(job, 'open')).id, before.get(job));
    measured('tickets that people touched', jobs.length);

    phase('heal');
    for (const { account, job } of jobs) await system.report(account, 'success', job);
    for (const { job } of jobs) assert.equal((await system.ticket(job, 'closed')).id, before.get(job));
    await invariants();
  },
};
