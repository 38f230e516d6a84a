import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { healthOf } from '../health.js';
import { membersOf } from '../offsets.js';
import type { FaultRow, RowRun } from '../row.js';

const SHORT_MS = 8000;
/** Longer than the session of a consumer: the group goes on without it. */
const LONG_MS = 45_000;

async function block({ system, phase, measured }: RowRun, ms: number): Promise<void> {
  phase('arrange');
  const job = `Row6-${ms}`;
  const account = system.account('connectwise', 1);
  const service = await system.fleet.restart('notifications', {
    CRASH_AT: 'notifications.apply.after-commit',
    CRASH_BY: String(ms),
  });

  phase('inject');
  const startedAt = performance.now();
  await system.report(account, 'failure', job);
  await eventually(async () => (await healthOf(service, 'ready')) !== 200, { timeoutMs: 30_000 });

  phase('expect');
  // Whoever asks meanwhile waits in vain; the first answer is that it is not ready.
  const answers: number[] = [];
  await eventually(
    async () => {
      answers.push(await healthOf(service, 'ready'));
      return answers.at(-1) === 200;
    },
    { timeoutMs: ms + 60_000, intervalMs: 200 },
  );
  assert.equal(
    answers.find((status) => status !== 0),
    503,
    `readiness answered ${answers.join(', ')}`,
  );
  measured(
    `ready again after a block of ${ms / 1000} s, s`,
    ((performance.now() - startedAt) / 1000).toFixed(1),
  );

  phase('heal');
  await system.ticket(job, 'open', 120_000);
  await system.report(account, 'success', job);
  await system.ticket(job, 'closed', 120_000);
  await eventually(async () => (await membersOf(system, 'notifications')) === 1, { timeoutMs: 60_000 });
  assert.equal(system.fleet.service('notifications').pid, service.pid);
}

export const row: FaultRow = {
  number: 6,
  fault:
    'the event loop of a consumer stands still in the midst of a record; for longer than its session, too',
  expected:
    'it is not ready when it answers again, until it has gone on for a while; it is in its group again, and its work is done once',
  promises: ['P2', 'P3', 'P4'],
  group: 'psas',
  smaller: 'libs/http/src/server/loop-watch.spec.ts',
  async run(run) {
    await block(run, SHORT_MS);
    if (run.isLong) await block(run, LONG_MS);
    await run.invariants(180_000);
    await run.system.fleet.restart('notifications');
  },
};
