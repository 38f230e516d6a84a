import assert from 'node:assert/strict';
import { untilFrozen } from '../fleet.js';
import type { FaultRow, RowRun } from '../row.js';

const SEEN = "SELECT 1 FROM inbox WHERE consumer = 'notifications' AND id = ANY($1::uuid[])";

/** Freezes the consumer at that place with a record in hand until another has taken its partitions, and thaws it. */
async function freezeAt({ system, phase, measured }: RowRun, place: string): Promise<void> {
  phase('arrange');
  const job = `Row24-${place}`;
  const account = system.account('connectwise', 2);
  const frozen = await system.fleet.restart('notifications', {
    CRASH_AT: `notifications.apply.${place}`,
    CRASH_BY: 'SIGSTOP',
  });

  phase('inject');
  await system.report(account, 'failure', job);
  await untilFrozen(frozen);
  const frozenAt = performance.now();
  const heir = await system.fleet.bootTwin('notifications');

  phase('expect');
  // The heir takes the record anew, which nobody has committed, and then what comes behind it.
  await system.report(account, 'success', job);
  await system.report(account, 'failure', job);
  const ids = await system.eventIds(job);
  const seen = (): Promise<number> => system.stores.count('notifications', SEEN, [ids]);
  await system.stores.until('notifications', SEEN, { rows: ids.length, params: [ids] });
  measured(`frozen ${place}, s`, ((performance.now() - frozenAt) / 1000).toFixed(1));

  phase('heal');
  frozen.kill('SIGCONT');
  await system.ticket(job, 'open');
  await system.drain();
  assert.equal(await seen(), 3);
  await system.fleet.restart('notifications');
  await system.fleet.endTwin(heir);
}

export const row: FaultRow = {
  number: 24,
  fault: 'a consumer is frozen for longer than its session with a record in hand, and goes on',
  expected: 'another has its partitions by then; its late commits are refused and its work is done once',
  promises: ['P2', 'P3', 'P4'],
  group: 'servers',
  async run(run) {
    await freezeAt(run, 'after-commit');
    if (run.isLong) await freezeAt(run, 'before-commit');
    await run.invariants(180_000);
  },
};
