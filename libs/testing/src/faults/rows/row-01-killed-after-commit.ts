import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 1,
  fault: 'ingestion is killed after COMMIT, before its answer',
  expected: 'the agent sends the same report again and is told that it is accepted; there is one event',
  promises: ['P1', 'P2'],
  group: 'deaths',
  smaller: 'apps/ingestion/src/intake/crash.long.spec.ts',
  async run({ system, phase, invariants }) {
    phase('arrange');
    const account = system.account('connectwise');
    const at = system.ledger.nextTime(account, 'Row1');
    const doomed = await system.fleet.restart('ingestion', { CRASH_AT: 'ingest.after-commit' });

    phase('inject');
    await assert.rejects(system.post(account, duplicatiReport('failure', 'Row1', at)));
    assert.equal(await doomed.exited, 'SIGKILL');

    phase('expect');
    assert.equal(await system.events('Row1'), 1);

    phase('heal');
    await system.fleet.boot('ingestion');
    await system.report(account, 'failure', 'Row1', at);
    await system.ticket('Row1', 'open');
    await invariants();
    assert.equal(await system.events('Row1'), 1);
  },
};
