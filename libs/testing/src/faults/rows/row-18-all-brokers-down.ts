import assert from 'node:assert/strict';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

export const row: FaultRow = {
  number: 18,
  fault: 'all brokers are down',
  expected: 'reports are accepted all the same and wait in the log; afterwards they leave in their order',
  promises: ['P1', 'P3', 'P9'],
  group: 'servers',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row18-${provider}`);
      await system.ticket(`Row18-${provider}`, 'open');
    }

    phase('inject');
    await system.broker.kill();

    phase('expect');
    const slow: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      for (const provider of PROVIDERS) {
        const sentAt = performance.now();
        // Ends as it began; between, it healed and failed again.
        await system.report(system.account(provider), n % 2 ? 'failure' : 'success', `Row18-${provider}`);
        slow.push(performance.now() - sentAt);
      }
    }
    measured('accepted without Kafka, ms (slowest)', Math.round(Math.max(...slow)));
    const waiting = await system.unpublished();
    assert.equal(waiting, 8);

    phase('heal');
    await system.broker.restart();
    await invariants(180_000);
    for (const provider of PROVIDERS) {
      const { published, wrong } = await overtaken(system, `Row18-${provider}`);
      assert.deepEqual(wrong, []);
      assert.equal(published, 5);
    }
  },
};
