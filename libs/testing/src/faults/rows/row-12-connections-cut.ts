import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import { PROVIDERS, STORES } from '../topology.js';

/** Those of the services, wherever they are in a transaction. */
const CUT = `SELECT pg_terminate_backend(pid) AS cut FROM pg_stat_activity
  WHERE datname = current_database() AND usename LIKE 'service_of_%'`;
const ROUNDS = 8;

export const row: FaultRow = {
  number: 12,
  fault: 'PostgreSQL resets the connections of all services, again and again, in the middle of transactions',
  expected: 'what was not committed is rolled back and done again; the pools recover, and no process ends',
  promises: ['P1', 'P2', 'P4'],
  group: 'servers',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row12-${provider}`);
      await system.ticket(`Row12-${provider}`, 'open');
    }

    phase('inject');
    let cut = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = round % 2 ? 'failure' : 'success';
      const reports = PROVIDERS.map((provider) =>
        system.report(system.account(provider), result, `Row12-${provider}`),
      );
      for (const store of STORES) cut += (await system.stores.query(store, CUT)).length;
      await Promise.all(reports);
    }
    measured('connections cut', cut);
    assert.ok(cut >= STORES.length * ROUNDS, `only ${cut} connections were there to be cut`);

    phase('expect');
    await Promise.all(
      PROVIDERS.map((provider) => system.report(system.account(provider), 'success', `Row12-${provider}`)),
    );
    for (const provider of PROVIDERS) await system.ticket(`Row12-${provider}`, 'closed', 90_000);

    phase('heal');
    await invariants(180_000);
  },
};
