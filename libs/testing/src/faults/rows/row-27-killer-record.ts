import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { recordsOf } from '../records.js';
import type { FaultRow } from '../row.js';

const STARTS = 3;
const DEAD_LETTERS = 'dead-letters.notifications.v1';

export const row: FaultRow = {
  number: 27,
  fault: 'a record ends the process each time it is handled',
  expected: `after ${STARTS} starts it is set aside as a killer; those around it are processed`,
  promises: ['P9'],
  group: 'deaths',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('autotask', 4);
    await system.fleet.end('notifications');
    const neighbours = ['Row27-before', 'Row27-behind'] as const;
    await system.report(account, 'failure', neighbours[0]);
    await system.report(account, 'failure', 'Row27-killer');
    await system.report(account, 'failure', neighbours[1]);
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
    for (const job of neighbours) await system.ticket(job, 'open', 90_000);
    const letters = await recordsOf(system, DEAD_LETTERS);
    const letter = letters.find(({ headers: { id } }) => id === killer);
    assert.equal(letter?.headers['dead-class'], 'killer');
    measured('starts it took', STARTS);

    phase('heal');
    await system.fleet.restart('notifications');
    await system.report(account, 'success', neighbours[1]);
    await system.ticket(neighbours[1], 'closed');
    await invariants();
  },
};
