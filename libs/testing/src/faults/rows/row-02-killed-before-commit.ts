import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 2,
  fault: 'ingestion is killed before COMMIT',
  expected: 'the agent sees a broken connection and nothing is stored; what it sends again is stored once',
  promises: ['P1', 'P2'],
  group: 'deaths',
  smaller: 'apps/ingestion/src/intake/crash.long.spec.ts',
  async run({ system, phase, invariants }) {
    phase('arrange');
    const account = system.account('autotask');
    const at = system.ledger.nextTime(account, 'Row2');
    const doomed = await system.fleet.restart('ingestion', { CRASH_AT: 'ingest.before-commit' });

    phase('inject');
    await assert.rejects(system.post(account, duplicatiReport('failure', 'Row2', at)));
    assert.equal(await doomed.exited, 'SIGKILL');

    phase('expect');
    assert.equal(await system.events('Row2'), 0);

    phase('heal');
    await system.fleet.boot('ingestion');
    await system.report(account, 'failure', 'Row2', at);
    await system.ticket('Row2', 'open');
    await invariants();
    assert.equal(await system.events('Row2'), 1);
  },
};
