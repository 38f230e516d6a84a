import assert from 'node:assert/strict';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

export const row: FaultRow = {
  number: 19,
  fault:
    'of three brokers one after the other is killed, and with it the leader of a third of the partitions',
  expected: 'the others lead on: reports become tickets meanwhile, in their order',
  promises: ['P1', 'P3', 'P9'],
  group: 'cluster',
  async run({ system, phase, invariants, measured, isLong }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row19-${provider}`);
      await system.ticket(`Row19-${provider}`, 'open');
    }
    const brokers = [...system.ownServers()].filter(([name]) => name.startsWith('kafka-'));
    assert.equal(brokers.length, 3);

    phase('inject');
    const delays: number[] = [];
    for (const [name, broker] of isLong ? brokers : brokers.slice(0, 1)) {
      await broker.kill();
      const sentAt = performance.now();
      for (const provider of PROVIDERS)
        await system.report(system.account(provider), 'success', `Row19-${provider}`);
      for (const provider of PROVIDERS) await system.ticket(`Row19-${provider}`, 'closed', 150_000);
      delays.push(performance.now() - sentAt);
      await broker.restart();
      for (const provider of PROVIDERS)
        await system.report(system.account(provider), 'failure', `Row19-${provider}`);
      for (const provider of PROVIDERS) await system.ticket(`Row19-${provider}`, 'open', 150_000);
      measured(`both tickets closed without ${name}, ms`, Math.round(delays.at(-1) ?? 0));
    }

    phase('expect');
    assert.ok(Math.max(...delays) < 120_000);

    phase('heal');
    await invariants(180_000);
    for (const provider of PROVIDERS) {
      const { wrong } = await overtaken(system, `Row19-${provider}`);
      assert.deepEqual(wrong, []);
    }
  },
};
