import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { changeConnection, connectionOf } from '../connection.js';
import { recordsOf } from '../records.js';
import type { FaultRow, RowRun } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';
import { type Provider, PROVIDERS, QUICK, ticketingOf } from '../topology.js';

const SECRETS = {
  connectwise: { name: 'connectwisePrivateKey', of: 'demoPrivateKey', rotated: 'rotatedPrivateKey' },
  autotask: { name: 'autotaskSecret', of: 'demoSecret', rotated: 'rotatedSecret' },
} as const;
const RUNNING = "SELECT 1 FROM lane WHERE state = 'running'";
const RESTS = `SELECT 1 FROM psa_connection WHERE breaker = 'closed' AND trouble = 'credential'
  AND resume_at BETWEEN clock_timestamp() + interval '14 min' AND clock_timestamp() + interval '15 min'`;
const PASS = 'UPDATE psa_connection SET resume_at = clock_timestamp()';
const QUARTERS = 3;

/** What the PSA refused since that request, for its credentials. */
async function refusedSince({ system }: RowRun, provider: Provider, since: number): Promise<number> {
  const asked = await system.simulator.requests(since);
  return asked.filter((request) => request.provider === provider && request.status === 401).length;
}

/** How often accounts was told that the PSA refuses the credentials. */
async function noticesOf({ system }: RowRun, provider: Provider): Promise<number> {
  const [link] = await system.stores.query<{ id: string }>(
    ticketingOf(provider),
    'SELECT connection_id AS id FROM psa_connection',
  );
  const told = await recordsOf(system, 'psa.connection-checks.v1');
  return told.filter(({ key, value }) => key === link?.id && value.includes('"unauthorized"')).length;
}

async function rotate(run: RowRun, provider: Provider): Promise<void> {
  const { system, phase, measured } = run;
  const { name, of: before, rotated } = SECRETS[provider];
  const store = ticketingOf(provider);
  const rests = async (): Promise<boolean> =>
    (await system.stores.count(store, RESTS)) === 1 && (await system.stores.count(store, RUNNING)) === 0;
  const jobs = Array.from({ length: ACCOUNTS_PER_PSA }, (_, n) => `Row38-${provider}-${n}`);

  phase('arrange');
  const noticesBefore = await noticesOf(run, provider);
  const since = await system.simulator.lastRequest();

  phase('inject');
  await system.simulator.set({ [name]: rotated });
  for (const [n, job] of jobs.entries()) await system.report(system.account(provider, n), 'failure', job);

  phase('expect');
  await eventually(async () => (await connectionOf(system, provider)).state === 'credentials rejected', {
    timeoutMs: 60_000,
  });
  await eventually(rests, { timeoutMs: 60_000 });
  const first = await refusedSince(run, provider, since);
  assert.ok(first >= 1 && first <= Number(QUICK.PSA_MAX_IN_FLIGHT), `${first} calls were refused at first`);
  for (let quarter = 1; quarter <= QUARTERS; quarter += 1) {
    await system.stores.query(store, PASS);
    await eventually(async () => (await refusedSince(run, provider, since)) >= first + quarter, {
      timeoutMs: 60_000,
    });
    await eventually(rests, { timeoutMs: 60_000 });
    assert.equal(await refusedSince(run, provider, since), first + quarter);
  }
  measured(`${provider}: refused at first, then in ${QUARTERS} quarters`, `${first}, ${QUARTERS}`);
  assert.equal((await noticesOf(run, provider)) - noticesBefore, 1);
  const { items } = await system.partner.get<{
    items: { provider: Provider; why: { kind: string } | null }[];
  }>('/lanes?state=ready&limit=200');
  const kinds = items.flatMap((lane) => (lane.provider === provider ? [lane.why?.kind] : []));
  assert.deepEqual(
    kinds,
    jobs.map(() => 'credentials'),
  );

  phase('heal');
  await changeConnection(system, provider, { secret: rotated });
  for (const job of jobs) await system.ticket(job, 'open');
  assert.equal((await connectionOf(system, provider)).state, 'configured');
  await system.simulator.set({ [name]: before });
  await changeConnection(system, provider, { secret: before });
  for (const [n, job] of jobs.entries()) await system.report(system.account(provider, n), 'success', job);
  for (const job of jobs) await system.ticket(job, 'closed');
}

export const row: FaultRow = {
  number: 38,
  fault: 'the secret is rotated in the PSA, which answers 401 from then on',
  expected:
    'the link says so and its partner is told once; one try in 15 minutes, so that nobody is locked out; with the new secret all goes out at once',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/lanes/outages.db.spec.ts',
  async run(run) {
    for (const provider of PROVIDERS) await rotate(run, provider);
    await run.invariants();
  },
};
