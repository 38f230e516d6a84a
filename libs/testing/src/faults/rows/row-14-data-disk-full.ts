import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

/** Room that tables have left in their last pages is used first. */
const MOST_REPORTS = 3000;

/** Sends reports until one is sent away; answers how many were taken, and of which time that one is. */
async function untilRefused(
  system: System,
  job: string,
): Promise<{ taken: number; at: Date; last: Response }> {
  const account = system.account('connectwise', 1);
  for (let taken = 0; taken < MOST_REPORTS; taken += 1) {
    const at = system.ledger.nextTime(account, job);
    const last = await system.post(account, duplicatiReport('failure', job, at));
    if (last.status !== 200) return { taken, at, last };
    system.ledger.note({ account, job, result: 'failure', at });
  }
  throw new Error(`${MOST_REPORTS} reports were taken although the disk is full`);
}

export const row: FaultRow = {
  number: 14,
  fault: 'the disk with the data of PostgreSQL is full',
  expected: 'reports get 503 and are not stored, reads go on; all goes on by itself once there is room',
  promises: ['P1', 'P9', 'P11'],
  group: 'disks',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row14-${provider}`);
      await system.ticket(`Row14-${provider}`, 'open');
    }
    const { data } = system.disks;

    phase('inject');
    data.fill();

    phase('expect');
    let refused: Date;
    try {
      const { taken, at, last } = await untilRefused(system, 'Row14-refused');
      refused = at;
      measured('reports that still found room', taken);
      assert.equal(last.status, 503);
      assert.ok(Number(last.headers.get('retry-after')) > 0, 'Retry-After is missing');
      const shown = await system.read('/events?limit=5');
      assert.equal(shown.status, 200);
      const { items } = (await shown.json()) as { items: unknown[] };
      assert.ok(items.length > 0, 'nothing is shown');
      assert.equal(await system.events('Row14-refused'), taken);
    } finally {
      data.free();
    }

    phase('heal');
    const account = system.account('connectwise', 1);
    const freedAt = performance.now();
    await system.report(account, 'failure', 'Row14-refused', refused);
    measured('accepted again after, s', ((performance.now() - freedAt) / 1000).toFixed(1));
    for (const provider of PROVIDERS)
      await system.report(system.account(provider), 'success', `Row14-${provider}`);
    for (const provider of PROVIDERS) await system.ticket(`Row14-${provider}`, 'closed', 120_000);
    await system.ticket('Row14-refused', 'open', 120_000);
    await invariants(180_000);
  },
};
