import assert from 'node:assert/strict';
import { lagOf } from '../offsets.js';
import type { FaultRow } from '../row.js';

const SEEN = "SELECT 1 FROM inbox WHERE consumer = 'notifications' AND id = ANY($1::uuid[])";

export const row: FaultRow = {
  number: 25,
  fault: 'notifications is killed between its effect and the commit of its offset',
  expected: 'the record comes again, the inbox knows it, nothing is decided twice',
  promises: ['P2', 'P4'],
  group: 'deaths',
  smaller: 'apps/notifications/src/requests/crash.long.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise');
    const doomed = await system.fleet.restart('notifications', {
      CRASH_AT: 'notifications.apply.after-commit',
    });

    phase('inject');
    await system.report(account, 'failure', 'Row25');
    assert.equal(await doomed.exited, 'SIGKILL');

    phase('expect');
    const [eventId] = await system.eventIds('Row25');
    assert.equal(await system.stores.count('notifications', SEEN, [[eventId]]), 1);
    const behind = await lagOf(system, 'notifications', 'backup.events.v1');
    assert.ok(behind > 0, 'the offset was committed: the record would not come again');
    measured('records that come again', behind);

    phase('heal');
    await system.fleet.boot('notifications');
    await system.ticket('Row25', 'open');
    await invariants();
    const decisions = await system.stores.count('notifications', SEEN, [[eventId]]);
    assert.equal(decisions, 1);
  },
};
