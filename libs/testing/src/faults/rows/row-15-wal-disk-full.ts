import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { duplicatiReport } from '../duplicati.js';
import type { Account } from '../partner.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

const JOB = 'Row15-last';
/** Who keeps the log for itself and never reads it: nothing of it is removed any more. */
const HOLD = "SELECT pg_create_physical_replication_slot('row15', true)";
const LET_GO = "SELECT pg_drop_replication_slot('row15')";
const WRITE = "SELECT pg_logical_emit_message(false, 'row15', repeat('x', 4000000))";

/** Others write until there is no room left, and PostgreSQL with it. */
async function writeOn({ stores, postgres }: System): Promise<void> {
  let isGone = false;
  const gone = postgres.ended().then(() => (isGone = true));
  await eventually(
    async () => {
      if (isGone) return true;
      await stores.query('ingestion', WRITE);
      return false;
    },
    { timeoutMs: 120_000, intervalMs: 0 },
  );
  await gone;
}

/** Sends reports for as long as they are taken; answers the time of the one that was not. */
async function untilRefused(system: System, account: Account): Promise<{ taken: number; at: Date }> {
  for (let taken = 0; ; taken += 1) {
    const at = system.ledger.nextTime(account, JOB);
    const answer = await system.post(account, duplicatiReport('failure', JOB, at)).catch(() => null);
    if (answer?.status !== 200) return { taken, at };
    system.ledger.note({ account, job: JOB, result: 'failure', at });
  }
}

export const row: FaultRow = {
  number: 15,
  fault: "the disk with PostgreSQL's write-ahead log is full, and PostgreSQL ends",
  expected: 'reports get 503; with room and a restart all is back, and no accepted event is missing',
  promises: ['P1', 'P9', 'P11'],
  group: 'disks',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    for (const provider of PROVIDERS) {
      await system.report(system.account(provider), 'failure', `Row15-${provider}`);
      await system.ticket(`Row15-${provider}`, 'open');
    }
    const account = system.account('autotask', 1);
    const { wal } = system.disks;
    await system.stores.query('ingestion', HOLD);

    phase('inject');
    wal.fill();

    phase('expect');
    let at: Date;
    try {
      const ending = writeOn(system);
      // What is accepted until the very end has to be there afterwards.
      const { taken, at: refused } = await untilRefused(system, account);
      at = refused;
      await ending;
      measured('reports accepted while the log filled up', taken);
      const sentAt = performance.now();
      const answer = await system.post(account, duplicatiReport('failure', JOB, at));
      measured('503 after, ms', Math.round(performance.now() - sentAt));
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0, 'Retry-After is missing');
    } finally {
      wal.free();
      await system.postgres.restart();
    }

    phase('heal');
    await system.stores.query('ingestion', LET_GO);
    await system.report(account, 'failure', JOB, at);
    for (const provider of PROVIDERS)
      await system.report(system.account(provider), 'success', `Row15-${provider}`);
    for (const provider of PROVIDERS) await system.ticket(`Row15-${provider}`, 'closed', 120_000);
    await system.ticket(JOB, 'open', 120_000);
    await invariants(180_000);
  },
};
