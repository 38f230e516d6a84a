import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

const REPORTS = 24;

export const row: FaultRow = {
  number: 20,
  fault: 'the group coordinator is lost while records flow',
  expected: 'the consumers join again; what is delivered twice has one effect',
  promises: ['P2', 'P3', 'P9'],
  group: 'servers',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const flow = async (): Promise<void> => {
      for (let n = 0; n < REPORTS; n += 1)
        for (const provider of PROVIDERS)
          await system.report(
            system.account(provider, n),
            n < REPORTS / 2 ? 'failure' : 'success',
            `Row20-${provider}-${n % 3}`,
          );
    };

    phase('inject');
    const flowing = flow();
    await system.stores.until('notifications', 'SELECT 1 FROM inbox', { rows: 3 });
    await system.broker.kill();

    phase('heal');
    await system.broker.restart();
    await flowing;

    phase('expect');
    await invariants(180_000);
    const seen = await system.stores.count('notifications', 'SELECT 1 FROM inbox');
    assert.equal(seen, system.ledger.accepted.length);
    measured('events, each seen once', seen);
  },
};
