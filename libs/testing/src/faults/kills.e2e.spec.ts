import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.js';
import { killRun } from './kill-run.js';
import { System } from './system.js';
import { PROVIDERS } from './topology.js';

jest.setTimeout(600_000);

const KILLS = 4;
const SEED = 1;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 200 };
const MANAGED_ID = 'EFS-34826';
const SKIPPED = 'Skipping ConnectWise synchronization (only updating every 12 hours).';

interface Action {
  action: string;
  state: string;
  message: string | null;
}

let system: System;
beforeAll(async () => {
  system = await System.start({ hasSync: true });
});
afterAll(() => system?.close());

/** What became of the newest event of that job, once all has ended. */
async function actionsOf(job: string): Promise<Action[]> {
  return eventually(async () => {
    const eventId = (await system.eventIds(job)).at(-1);
    if (!eventId) return false;
    const told = await system.partner.get<{ state: string; actions: Action[] }>(`/events/${eventId}/notifications`);
    return told.state === 'processed' && told.actions.filter(({ state }) => state !== 'superseded');
  }, PATIENCE);
} // prettier-ignore

const figures = async (): Promise<(number | null)[]> => {
  const row = await system.simulator.backupStatistics(MANAGED_ID);
  return [row?.successfulBackupJobs ?? null, row?.failedBackupJobs ?? null];
};
const untilFigures = (successful: number, failed: number): Promise<void> =>
  eventually(async () => expect(await figures()).toEqual([successful, failed]), PATIENCE);

describe('backup statistics, from an agent to the Management report', () => {
  it('E3, E33, E46: show a backup that completed', async () => {
    await system.report(system.account('connectwise'), 'success', 'First');
    await untilFigures(1, 0);
    expect(await actionsOf('First')).toMatchObject([{ action: 'sync_connectwise', state: 'done' }]);
  });

  it('F25, F26, F29: within twelve hours another account gets the skip line, and its ticket all the same', async () => {
    await system.report(system.account('connectwise', 1), 'failure', 'Second');
    expect(await actionsOf('Second')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'open_connectwise_ticket', state: 'done' }),
        expect.objectContaining({ action: 'sync_connectwise', state: 'skipped', message: SKIPPED }),
      ]),
    );
    await system.ticket('Second', 'open');
    expect(await figures()).toEqual([1, 0]);
  });

  it('F18: reprocessing that event pushes, without a skip line', async () => {
    const [eventId = ''] = await system.eventIds('Second');
    await system.partner.post(`/events/${eventId}/reprocess`);
    await untilFigures(1, 1);
    await eventually(
      async () =>
        expect(await actionsOf('Second')).toEqual(
          expect.arrayContaining([expect.objectContaining({ action: 'sync_connectwise', state: 'done' })]),
        ),
      PATIENCE,
    );
  });

  it('F28: a push that a person asks for goes out, though who carries it out is killed between the call and its record', async () => {
    await system.report(system.account('connectwise', 2), 'success', 'Third');
    await actionsOf('Third');
    const doomed = await system.fleet.restart('billing-sync-connectwise', { CRASH_AT: 'push.after-call' });
    const order = () => system.partner.post<{ syncId: string }>('/customers/34826/syncs');
    const { syncId } = await order();
    expect(await doomed.exited).toBe('SIGKILL');
    await system.fleet.boot('billing-sync-connectwise');
    const pushed = () => system.partner.get<{ state: string; statistics: object }>(`/syncs/${syncId}`);
    await eventually(async () => expect(await pushed()).toMatchObject({ state: 'pushed' }), PATIENCE);
    expect((await pushed()).statistics).toEqual({ successfulBackupJobs: 2, failedBackupJobs: 1 });
    await untilFigures(2, 1);
  });

  it('E33: are not pushed once they are switched off, and the log says so', async () => {
    const settings = await system.partner.get<object>('/psa/connectwise/settings');
    await system.partner.put('/psa/connectwise/settings', { ...settings, statistics: { enabled: false } });
    const isOff = 'SELECT 1 FROM psa_connection WHERE NOT has_statistics';
    await eventually(async () => (await system.stores.count('billing-sync-connectwise', isOff)) === 1, PATIENCE);
    await system.report(system.account('connectwise'), 'success', 'Fourth');
    expect(await actionsOf('Fourth')).toEqual(
      expect.arrayContaining([expect.objectContaining({ state: 'skipped', message: 'Update Backup Statistics is switched off.' })]),
    );
    expect(await figures()).toEqual([2, 1]);
    await system.partner.put('/psa/connectwise/settings', settings);
    await system.invariants();
  }); // prettier-ignore
});

describe('the whole road, from an agent to a ticket', () => {
  it('opens a ticket in each PSA by one rule, within 60 s, and closes the same one, with a note (E1, E2, E8, D43)', async () => {
    const jobs = PROVIDERS.map((provider) => ({
      account: system.account(provider),
      job: `Thin-${provider}`,
    }));
    const before = await system.simulator.lastRequest();
    for (const { account, job } of jobs) await system.report(account, 'failure', job);
    const reportedAt = Date.now();
    for (const { job } of jobs) await system.ticket(job, 'open');
    const creates = (await system.simulator.requests(before)).filter(
      ({ operation }) => operation === 'create',
    );
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
