import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { killRun } from './kill-run.js';
import { System } from './system.js';
import { PROVIDERS } from './topology.js';

jest.setTimeout(600_000);

const KILLS = 4;
const SEED = 1;

describe('the whole road, from an agent to a ticket', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({ hasSync: true });
  });
  afterAll(() => system?.close());

  it('opens a ticket in each PSA by one rule, within 60 s, and closes the same one, with a note (E1, E2, E8, D43)', async () => {
    const jobs = PROVIDERS.map((provider) => ({
      account: system.account(provider),
      job: `Thin-${provider}`,
    }));
    for (const { account, job } of jobs) await system.report(account, 'failure', job);
    const reportedAt = Date.now();
    for (const { job } of jobs) await system.ticket(job, 'open');
    const creates = (await system.simulator.requests()).filter(({ operation }) => operation === 'create');
    expect(creates).toHaveLength(PROVIDERS.length);
    for (const { at } of creates) expect(Date.parse(at) - reportedAt).toBeLessThan(60_000);
    const rules = await system.stores.query<{ action: string }>('notifications', 'SELECT action FROM rules');
    expect(rules.map(({ action }) => action).sort()).toEqual([
      'open_autotask_ticket',
      'open_connectwise_ticket',
      'sync_connectwise',
    ]);
    for (const { account, job } of jobs) await system.report(account, 'success', job);
    // Autotask's note is a call of its own behind the closing: all is done once nothing is under way.
    await system.invariants();
    for (const { account, job } of jobs) {
      const ticket = await system.ticket(job, 'closed');
      expect(ticket).toMatchObject({ provider: account.provider, notes: [expect.anything()] });
    }
  });

  it('ignores a success that is older than the failure, and a repeat changes nothing (E2, F34)', async () => {
    const account = system.account('connectwise');
    const at = new Date(Date.now() - 3000);
    await system.report(account, 'failure', 'Late', at);
    await system.report(account, 'failure', 'Late', at);
    await system.ticket('Late', 'open');
    await system.report(account, 'success', 'Late', new Date(at.getTime() - 60_000));
    await system.invariants();
    const [ticket] = await system.tickets('Late');
    expect(ticket).toMatchObject({ isClosed: false, notes: [] });
  });

  it(`has one ticket for each problem after ${KILLS} kills, seed ${SEED} (P1, P4, P9)`, async () => {
    const { figures } = await killRun(system, { kills: KILLS, seed: SEED });
    expect(figures.accepted).toBe(figures.processed);
  });
});
