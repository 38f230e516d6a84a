import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

const REPORTS = 24;
const JOBS = 3;
const SEEN = "SELECT 1 FROM inbox WHERE consumer = 'notifications'";

/** Every job fails and heals in turn. */
async function flow(system: System): Promise<void> {
  for (let n = 0; n < REPORTS; n += 1)
    for (const provider of PROVIDERS)
      await system.report(
        system.account(provider, n % JOBS),
        Math.floor(n / JOBS) % 2 ? 'success' : 'failure',
        `Row20-${provider}-${n % JOBS}`,
      );
}

export const row: FaultRow = {
  number: 20,
  fault: 'the group coordinator is killed while records flow, and comes back',
  expected: 'the consumers join again; what is delivered twice has one effect',
  promises: ['P2', 'P3', 'P9'],
  group: 'servers',
  smaller: 'libs/messaging/src/broker-death.long.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const before = await system.stores.count('notifications', SEEN);

    phase('inject');
    const killed = system.stores
      .until('notifications', SEEN, { rows: before + 1 })
      .then(() => system.broker.kill());
    await Promise.all([flow(system), killed]);

    phase('heal');
    await system.broker.restart();

    phase('expect');
    await invariants(180_000);
    const seen = (await system.stores.count('notifications', SEEN)) - before;
    assert.equal(seen, REPORTS * PROVIDERS.length);
    measured('events, each seen once', seen);
  },
};
