import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../eventually.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const TICKETING = 'ticketing-connectwise';
const PARKED = "SELECT 1 FROM lane WHERE state = 'ready' AND attempts > 1";
const ATTENTION = "SELECT 1 FROM lane WHERE state = 'attention'";
const MISSING = 'KEY_ENCRYPTION_KEY_FILE names a file that cannot be read';

async function neighbour(system: System, job: string): Promise<void> {
  await system.report(system.account('autotask', 1), 'failure', job);
  await system.ticket(job, 'open');
}

export const row: FaultRow = {
  number: 54,
  fault: 'the file with the key that opens the credentials of PSAs is gone, and then it holds another key',
  expected:
    'who has read it goes on; who starts without it says so and ends; with a wrong key calls are parked and none is made. Reports are taken, the other PSA has its tickets, and all goes out by itself afterwards',
  promises: ['P1', 'P5', 'P9'],
  group: 'psas',
  smaller: 'apps/ticketing/src/credentials.e2e.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const { fleet, simulator, stores } = system;
    const [first, second] = [system.account('connectwise', 1), system.account('connectwise', 2)];
    const file = join(system.dir, 'row54.key');
    const byFile = { KEY_ENCRYPTION_KEY: '', KEY_ENCRYPTION_KEY_FILE: file };
    writeFileSync(file, fleet.keyEncryptionKey);
    await fleet.restart(TICKETING, byFile);

    phase('inject');
    rmSync(file);
    await system.report(first, 'failure', 'Row54-read');
    await system.ticket('Row54-read', 'open');
    await fleet.end(TICKETING);
    await assert.rejects(fleet.boot(TICKETING, byFile), new RegExp(MISSING));
    writeFileSync(file, randomBytes(32).toString('base64'));
    await fleet.boot(TICKETING, byFile);

    phase('expect');
    const before = await simulator.lastRequest();
    await system.report(second, 'failure', 'Row54-parked');
    await system.report(first, 'success', 'Row54-read');
    await neighbour(system, 'Row54-neighbour');
    await eventually(async () => (await stores.count(TICKETING, PARKED)) === 2, { timeoutMs: 60_000 });
    assert.equal(await stores.count(TICKETING, ATTENTION), 0, 'somebody is asked to mend what is not his');
    const calls = (await simulator.requests(before)).filter(({ provider }) => provider === 'connectwise');
    assert.deepEqual(calls, []);
    measured('lanes parked', 2);

    phase('heal');
    await fleet.restart(TICKETING);
    const healedAt = performance.now();
    await system.ticket('Row54-parked', 'open');
    await system.ticket('Row54-read', 'closed');
    measured('gone out after, s', ((performance.now() - healedAt) / 1000).toFixed(1));
    await invariants();
  },
};
