import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { RunningService } from '../../service.js';
import { isFrozen } from '../fleet.js';
import { overtaken } from '../records.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const DECISIONS = 'notification.decisions.v1';
const FREEZE = { CRASH_AT: 'relay.after-send', CRASH_BY: 'SIGSTOP' };

interface Waiting {
  ids: string[];
  owner: string;
  epoch: string;
}

/** What stands in the outbox, and who owns its bucket. */
async function waiting({ stores }: System): Promise<Waiting> {
  const rows = await stores.query<{ id: string; owner: string; epoch: string }>(
    'notifications',
    'SELECT id, owner, epoch::text AS epoch FROM outbox JOIN relay_lease USING (bucket)',
  );
  const [{ owner, epoch } = { owner: '', epoch: '0' }] = rows;
  return { ids: rows.map(({ id }) => id), owner, epoch };
}

const isBack = ({ stores }: System, owner: string): Promise<boolean> =>
  stores
    .count(
      'notifications',
      'SELECT 1 FROM relay_member WHERE owner = $1 AND expires_at > clock_timestamp()',
      [owner],
    )
    .then((count) => count > 0);

export const row: FaultRow = {
  number: 29,
  fault:
    'the owner of a bucket freezes between sending and marking; a second relay takes over and does the same',
  expected:
    'the mark of the first, which wakes up, is refused by its epoch; the second one marks; no order is broken',
  promises: ['P2', 'P3'],
  group: 'servers',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 5);
    const one = await system.fleet.restart('notifications', FREEZE);
    const other = await system.fleet.bootTwin('notifications', FREEZE);
    const frozen = (): RunningService[] => [one, other].filter(isFrozen);

    phase('inject');
    await system.report(account, 'failure', 'Row29');
    const first = await eventually(() => frozen()[0] ?? false, { timeoutMs: 60_000 });
    const before = await waiting(system);
    assert.ok(before.ids.length > 0);
    await eventually(() => frozen().length === 2, { timeoutMs: 60_000 });
    const taken = await waiting(system);
    assert.notEqual(taken.owner, before.owner);
    assert.ok(BigInt(taken.epoch) > BigInt(before.epoch));

    phase('expect');
    first.kill('SIGCONT');
    // Its next round begins when its mark is done with.
    await eventually(() => isBack(system, before.owner), { timeoutMs: 10_000, intervalMs: 20 });
    const after = await waiting(system);
    assert.equal(after.epoch, taken.epoch);
    const lost = before.ids.filter((id) => !after.ids.includes(id));
    assert.deepEqual(lost, [], 'a relay marked under an epoch that was over');
    measured('rows whose late mark was refused', before.ids.length);

    phase('heal');
    for (const process of [one, other]) process.kill('SIGCONT');
    await system.report(account, 'success', 'Row29');
    await system.report(account, 'failure', 'Row29');
    await system.ticket('Row29', 'open');
    await invariants(180_000);
    const { published, repeats, wrong } = await overtaken(system, 'Row29', DECISIONS);
    assert.deepEqual({ published, wrong }, { published: 3, wrong: [] });
    assert.ok(repeats > 0, 'nothing was sent twice');
    measured('decisions sent twice', repeats);
    measured('order violations', wrong.length);
    await system.fleet.restart('notifications');
    await system.fleet.endTwin(other);
  },
};
