import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { Account } from '../partner.js';
import { recordsOf } from '../records.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

const STARTS = 3;
const DEAD_LETTERS = 'dead-letters.notifications.v1';

/** Before and behind it in its own partition, and in others that are handled at the same time. */
function neighboursOf(system: System, account: Account): { of: Account; job: string }[] {
  const others = PROVIDERS.flatMap((provider) => [0, 1, 2, 3].map((n) => system.account(provider, n)));
  return [account, account, ...others, ...others].map((of, n) => ({ of, job: `Row27-${n}` }));
}

export const row: FaultRow = {
  number: 27,
  fault: 'a record ends the process each time it is handled',
  expected: `after ${STARTS} starts it is set aside as a killer; those around it are processed`,
  promises: ['P9'],
  group: 'deaths',
  smaller: 'apps/notifications/src/requests/dead-letters.long.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('autotask', 4);
    await system.fleet.end('notifications');
    const neighbours = neighboursOf(system, account);
    for (const { of, job } of neighbours.slice(0, 1)) await system.report(of, 'failure', job);
    await system.report(account, 'failure', 'Row27-killer');
    for (const { of, job } of neighbours.slice(1)) await system.report(of, 'failure', job);
    const [killer] = await system.eventIds('Row27-killer');
    const deadly = { CRASH_AT: `consumer.record=${killer}` };
    await eventually(async () => (await system.unpublished()) === 0);

    phase('inject');
    for (let start = 1; start <= STARTS; start += 1) {
      const doomed = await system.fleet.boot('notifications', deadly);
      assert.equal(await doomed.exited, 'SIGKILL', `start ${start} went well`);
    }

    phase('expect');
    system.ledger.expectDeadLetter('notifications');
    await system.give('Row27-killer');
    await system.fleet.boot('notifications', deadly);
    for (const { job } of neighbours) await system.ticket(job, 'open', 90_000);
    const letters = await recordsOf(system, DEAD_LETTERS);
    const killers = letters.filter(({ headers }) => headers['dead-class'] === 'killer');
    assert.deepEqual(
      killers.map(({ headers: { id } }) => id),
      [killer],
    );
    measured('starts it took', STARTS);

    phase('heal');
    await system.fleet.restart('notifications');
    for (const { of, job } of neighbours) await system.report(of, 'success', job);
    for (const { job } of neighbours) await system.ticket(job, 'closed');
    await invariants();
  },
};
