import assert from 'node:assert/strict';
import { eventually } from '../eventually.js';
import type { RowRun } from './row.js';
import type { PsaFault } from './simulator.js';
import { type Provider, PROVIDERS, ticketingOf } from './topology.js';

export interface DoubtfulCreate {
  job: string;
  fault: Omit<PsaFault, 'provider' | 'match' | 'times'>;
  /** Why nobody knows, as the operator reads it. */
  reason: string;
}

const DOUBTS = `SELECT 1 FROM incident_entry JOIN incident USING (incident_id)
  WHERE kind = 'failed' AND incident_entry.text LIKE $1 AND subject LIKE $2`;

/** In both PSAs one create does its work and does not say so in words that count: it is searched for and linked. */
export async function doubtfulCreate(run: RowRun, { job, fault, reason }: DoubtfulCreate): Promise<void> {
  const { system, phase, invariants, measured } = run;
  const nameOf = (provider: Provider): string => `${job}-${provider}`;
  phase('arrange');
  const since = await system.simulator.lastRequest();

  phase('inject');
  for (const provider of PROVIDERS)
    await system.simulator.fail({ ...fault, provider, match: 'create', times: 1 });
  for (const provider of PROVIDERS)
    await system.report(system.account(provider, run.seed), 'failure', nameOf(provider));

  phase('expect');
  for (const provider of PROVIDERS) {
    const sql = [`%gave no clear answer%(${reason})%`, `%${nameOf(provider)}%`];
    await eventually(async () => (await system.stores.count(ticketingOf(provider), DOUBTS, sql)) === 1, {
      timeoutMs: 60_000,
    });
    await system.ticket(nameOf(provider), 'open');
  }

  phase('heal');
  await eventually(() => system.simulator.hasStruck());
  for (const provider of PROVIDERS)
    await system.report(system.account(provider, run.seed), 'success', nameOf(provider));
  for (const provider of PROVIDERS) await system.ticket(nameOf(provider), 'closed');
  await invariants();
  const creates = (await system.simulator.requests(since)).filter(({ operation }) => operation === 'create');
  assert.equal(creates.length, PROVIDERS.length, 'a create was sent again although its ticket stood');
  measured('creates sent, one per PSA', creates.length);
}
