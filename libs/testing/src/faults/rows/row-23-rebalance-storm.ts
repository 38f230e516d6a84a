import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { membersOf } from '../offsets.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

/** At least two comings and goings, whatever they take. */
const SHORT_STORMS = 2;
const LONG_MS = 300_000;
const SEEN = "SELECT 1 FROM inbox WHERE consumer = 'notifications'";

/** A result of every job; each fails and heals in turn. */
async function burst(system: System, round: number): Promise<void> {
  for (let index = 0; index < 3; index += 1)
    for (const provider of PROVIDERS)
      await system.report(
        system.account(provider, index),
        round % 2 ? 'success' : 'failure',
        `Row23-${provider}-${index}`,
      );
}

export const row: FaultRow = {
  number: 23,
  fault: 'a rebalance storm: a second consumer comes and goes without pause',
  expected: 'nothing is lost, nothing has two effects, and the work goes on meanwhile',
  promises: ['P2', 'P3', 'P9'],
  group: 'consumers',
  smaller: 'libs/messaging/src/kafka-batch-server.db.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const seen = (): Promise<number> => system.stores.count('notifications', SEEN);
    const before = await seen();
    const until = performance.now() + (isLong ? LONG_MS : 0);

    phase('inject');
    let storms = 0;
    for (; storms < SHORT_STORMS || performance.now() < until; storms += 1) {
      const [twin] = await Promise.all([system.fleet.bootTwin('notifications'), burst(system, storms)]);
      await eventually(async () => (await membersOf(system, 'notifications')) === 2, { timeoutMs: 60_000 });
      await Promise.all([burst(system, storms), system.fleet.endTwin(twin)]);
    }

    phase('expect');
    const during = (await seen()) - before;
    assert.ok(during > 0, 'the storm brought the work to a stand');

    phase('heal');
    const reported = system.ledger.accepted.filter(({ job }) => job.startsWith('Row23-')).length;
    await invariants(180_000);
    assert.equal((await seen()) - before, reported);
    measured('comings and goings', storms);
    measured('events taken during the storm', `${during} of ${reported}`);
  },
};
