import assert from 'node:assert/strict';
import pg from 'pg';
import { eventually } from '../../eventually.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

/** What `migrate.js` has set, and how late PostgreSQL may be with it on a busy machine. */
const LIMIT_MS = 60_000;
const TOLERANCE_MS = 30_000;
const ALARM_S = 30;

/** Seconds for which the oldest event has waited for a transaction, as Prometheus reads them. */
async function heldSeconds({ fleet }: System): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${fleet.service('ingestion').managementPort}/metrics`);
  const value = /^ingest_held_by_transaction_seconds(?:\{[^}]*\})? (\S+)$/m.exec(await answer.text())?.[1];
  assert.ok(value !== undefined, 'the figure is missing');
  return Number(value);
}

export const row: FaultRow = {
  number: 17,
  fault: 'somebody leaves a transaction open that has written, for as long as they are let',
  expected:
    'an alarm tells that events wait for it; after a minute it is ended, and they leave, none of them lost',
  promises: ['P1', 'P9'],
  group: 'wires',
  smaller: 'apps/ingestion/src/relay/held.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('autotask', 3);
    await system.report(account, 'failure', 'Row17');
    await system.ticket('Row17', 'open');
    const idle = new pg.Client({ connectionString: system.storeUrl('accounts') });
    const ended = new Promise<Error>((done) => idle.once('error', done));
    await idle.connect();

    phase('inject');
    try {
      await idle.query('BEGIN');
      // As anything written would; in another database than the one whose events wait.
      await idle.query('SELECT pg_current_xact_id()');
      const startedAt = performance.now();
      await system.report(account, 'success', 'Row17');

      phase('expect');
      await eventually(async () => (await heldSeconds(system)) > ALARM_S, {
        timeoutMs: LIMIT_MS,
        intervalMs: 1000,
      });
      assert.equal(await system.unpublished(), 1);
      assert.match((await ended).message, /idle-in-transaction timeout|terminat/);
      const openMs = performance.now() - startedAt;
      assert.ok(openMs < LIMIT_MS + TOLERANCE_MS, `the transaction was open for ${openMs.toFixed(0)} ms`);
      measured('the transaction was ended after, s', (openMs / 1000).toFixed(0));
    } finally {
      await idle.end().catch(() => undefined);
    }

    phase('heal');
    await system.ticket('Row17', 'closed');
    await eventually(async () => (await heldSeconds(system)) === 0, { timeoutMs: 30_000 });
    await invariants();
  },
};
