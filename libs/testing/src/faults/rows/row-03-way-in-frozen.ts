import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { duplicatiReport } from '../duplicati.js';
import { untilFrozen } from '../fleet.js';
import { healthOf } from '../health.js';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const FROZEN_MS = 60_000;
/** A lease lasts 15 s. */
const OVER = 'SELECT 1 FROM relay_lease WHERE owner = $1 AND expires_at > clock_timestamp()';

interface Position {
  owner: string;
  epoch: string;
  at: string;
}

/** Who publishes that account's events, and up to where. */
async function positionOf({ stores }: System, job: string): Promise<Position> {
  const [row] = await stores.query<Position>(
    'ingestion',
    `SELECT l.owner, l.epoch::text AS epoch, concat(l.pos_xid, '/', l.pos_id) AS at FROM relay_lease l JOIN event e USING (bucket)
     WHERE e.body::json->'job'->>'nativeJobId' = $1 LIMIT 1`,
    [job],
  );
  assert.ok(row, 'nobody publishes the events of that account');
  return row;
}

export const row: FaultRow = {
  number: 3,
  fault:
    'ingestion is frozen for a minute with leases, and with events that it has sent and not marked; another takes over',
  expected:
    'agents are served by the other; what the frozen one marks when it wakes up is refused by its epoch, it is not ready for a while, and nothing has two effects',
  promises: ['P1', 'P2', 'P3', 'P4'],
  group: 'psas',
  smaller: 'libs/persistence/src/outbox/relay.db.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 5);
    const { fleet, stores } = system;
    const frozen = await fleet.restart('ingestion', { CRASH_AT: 'relay.after-send', CRASH_BY: 'SIGSTOP' });

    phase('inject');
    await system.report(account, 'failure', 'Row3');
    await untilFrozen(frozen);
    const frozenAt = performance.now();
    const before = await positionOf(system, 'Row3');
    // The balancer does not know yet: this one waits, and is sent again.
    const at = system.ledger.nextTime(account, 'Row3');
    await assert.rejects(system.post(account, duplicatiReport('success', 'Row3', at)));
    assert.equal(await healthOf(frozen, 'ready'), 0);
    const heir = await fleet.bootTwin('ingestion');
    system.wayIn = heir.url;

    phase('expect');
    await system.report(account, 'success', 'Row3', at);
    await system.report(account, 'failure', 'Row3');
    await eventually(async () => (await stores.count('ingestion', OVER, [before.owner])) === 0, {
      timeoutMs: 60_000,
    });
    await system.ticket('Row3', 'open', 90_000);
    await eventually(async () => (await system.unpublished()) === 0, { timeoutMs: 60_000 });
    const frozenMs = isLong ? FROZEN_MS : 0;
    await eventually(() => performance.now() - frozenAt > frozenMs, { timeoutMs: FROZEN_MS * 2 });
    const taken = await positionOf(system, 'Row3');
    assert.ok(BigInt(taken.epoch) > BigInt(before.epoch), 'nobody took the lease');
    measured('frozen, s', ((performance.now() - frozenAt) / 1000).toFixed(1));
    frozen.kill('SIGCONT');
    const answers: number[] = [];
    await eventually(
      async () => {
        answers.push(await healthOf(frozen, 'ready'));
        return answers.at(-1) === 200;
      },
      { timeoutMs: 60_000 },
    );
    assert.ok(answers.includes(503), `readiness answered ${answers.join(', ')}`);
    const after = await positionOf(system, 'Row3');
    assert.equal(after.at, taken.at, 'a relay marked under an epoch that was over');

    phase('heal');
    system.wayIn = null;
    await system.report(account, 'success', 'Row3');
    await system.ticket('Row3', 'closed', 90_000);
    await fleet.endTwin(heir);
    await invariants(180_000);
    const { published, repeats, wrong } = await overtaken(system, 'Row3');
    assert.deepEqual({ published, wrong }, { published: await system.events('Row3'), wrong: [] });
    assert.ok(repeats > 0, 'nothing was sent twice');
    measured('events sent twice', repeats);
    await fleet.restart('ingestion');
  },
};
