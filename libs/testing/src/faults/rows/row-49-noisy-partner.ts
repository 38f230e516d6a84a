import assert from 'node:assert/strict';
import type { Account } from '../partner.js';
import type { FaultRow } from '../row.js';
import { ACCOUNTS_PER_PSA, type System } from '../system.js';

const TICKETING = 'ticketing-connectwise';
const TIMES = 100;
const SLOTS = 2;
const LATENCY_MS = 200;
const AT_ONCE = 8;
/** Of the noisy one while one of the quiet one is served: its turn, and what the slots held already. */
const TURNS = 3;

const ASKED = 'SELECT 1 FROM command JOIN lane USING (lane_key) WHERE account_no = ANY($1)';
/** Those of the noisy one, from when all of the quiet one had been asked for until the last of them was served. */
const SERVED = `WITH quiet AS (
    SELECT max(opened_at) AS asked, max(finished_at) AS served FROM command JOIN incident i USING (incident_id)
    WHERE i.subject LIKE '%Row49-quiet-%' AND command.kind = 'create')
  ${ASKED} AND finished_at > (SELECT asked FROM quiet) AND finished_at <= (SELECT served FROM quiet)`;

/** Reports that many failures of as many jobs, spread over the accounts. */
async function failures(
  system: System,
  accounts: readonly Account[],
  count: number,
  name: string,
): Promise<void> {
  const left = Array.from({ length: count }, (_, n) => n);
  const send = async (): Promise<void> => {
    for (let n = left.shift(); n !== undefined; n = left.shift())
      await system.report(accounts[n % accounts.length] as Account, 'failure', `${name}-${n}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
}

export const row: FaultRow = {
  number: 49,
  fault: 'one partner reports a hundred times as many failures as another, before it, to a PSA that is slow',
  expected: 'the other is served in turn with it, and not after all of it; both get every ticket',
  promises: ['P9', 'P10'],
  group: 'psas',
  smaller: 'apps/ticketing/src/lanes/claim.db.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    const { stores } = system;
    const numbersOf = (accounts: readonly Account[]): number[] => accounts.map(({ accountNo }) => accountNo);
    phase('arrange');
    const few = isLong ? ACCOUNTS_PER_PSA : 2;
    const quiet = Array.from({ length: few }, (_, n) => system.account('connectwise', n));
    const noisy = await system.addPartner('noisy', 10);
    const noisyNumbers = numbersOf(noisy.accounts.connectwise);
    await system.fleet.restart(TICKETING, {
      DISPATCHER_SLOTS: String(SLOTS),
      PSA_MAX_IN_FLIGHT: String(SLOTS),
    });
    await system.simulator.fail({ provider: 'connectwise', kind: 'hang', delayMs: LATENCY_MS });

    phase('inject');
    const wanted = few * TIMES;
    await failures(system, noisy.accounts.connectwise, wanted, 'Row49-noisy');
    await stores.until(TICKETING, ASKED, { rows: wanted, params: [noisyNumbers] });

    phase('expect');
    await failures(system, quiet, few, 'Row49-quiet');
    for (let n = 0; n < few; n += 1) await system.ticket(`Row49-quiet-${n}`, 'open', 120_000);
    const between = await stores.count(TICKETING, SERVED, [noisyNumbers]);
    const left = await stores.count(TICKETING, `${ASKED} AND finished_at IS NULL`, [noisyNumbers]);
    measured('failures of the noisy one', wanted);
    measured('of them served while the quiet one waited', between);
    measured('of them left then', left);
    assert.ok(left > few * TURNS, `only ${left} of the noisy one were left: nothing is shown by that`);
    assert.ok(between <= few * TURNS + 2 * SLOTS, `${between} of the noisy one came before ${few}`);

    phase('heal');
    await system.simulator.heal();
    await system.fleet.restart(TICKETING);
    for (const [n, account] of quiet.entries()) await system.report(account, 'success', `Row49-quiet-${n}`);
    await invariants(180_000);
    const path = '/psa/connectwise/connection';
    const { etag } = await noisy.api.call('GET', path);
    assert.equal((await noisy.api.call('DELETE', path, undefined, etag)).status, 204);
  },
};
