import assert from 'node:assert/strict';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';

const DECISIONS = 'notification.decisions.v1';

export const row: FaultRow = {
  number: 28,
  fault: 'the relay of notifications is killed after Kafka has its rows, before they are marked',
  expected: 'they are sent again, in order, and those who read them notice',
  promises: ['P2', 'P3', 'P4'],
  group: 'deaths',
  smaller: 'apps/notifications/src/requests/crash.long.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('autotask', 1);
    const doomed = await system.fleet.restart('notifications', { CRASH_AT: 'relay.after-send' });

    phase('inject');
    await system.report(account, 'failure', 'Row28');
    assert.equal(await doomed.exited, 'SIGKILL');

    phase('expect');
    const sent = await overtaken(system, 'Row28', DECISIONS);
    assert.equal(sent.published, 1);
    assert.ok((await system.stores.count('notifications', 'SELECT 1 FROM outbox')) > 0);

    phase('heal');
    await system.fleet.boot('notifications');
    await system.report(account, 'success', 'Row28');
    await system.report(account, 'failure', 'Row28');
    await system.ticket('Row28', 'open');
    await invariants();
    const { published, repeats, wrong } = await overtaken(system, 'Row28', DECISIONS);
    assert.deepEqual({ published, wrong }, { published: 3, wrong: [] });
    assert.ok(repeats > 0, 'nothing was sent twice');
    measured('decisions sent twice', repeats);
  },
};
