import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { Account } from '../partner.js';
import type { FaultRow, RowRun } from '../row.js';
import type { System } from '../system.js';
import { type Provider, PROVIDERS, ticketingOf } from '../topology.js';

interface Lane {
  id: string;
  why: { kind: string; field: string | null; text: string } | null;
}

/** An id of a list that tickets refer to, and how its PSA takes it away and gives it back. */
interface Choice {
  settings: object;
  list: string;
  away: [id: string, change: object];
  back: [id: string, change: object];
  /** As the PSA calls it when it refuses a ticket. */
  named: string;
}

const CHOICES: Record<Provider, Choice> = {
  connectwise: {
    settings: { boardId: 14 },
    list: 'boards',
    away: ['14', { id: 9014 }],
    back: ['9014', { id: 14 }],
    named: 'board',
  },
  autotask: {
    settings: { queueId: 29683354 },
    list: 'queues',
    away: ['29683354', { isActive: false }],
    back: ['29683354', { isActive: true }],
    named: 'queueID',
  },
};
const FIELD = 'customNumber';
const MORE_FAILURES = 6;
const UNFINISHED = `SELECT 1 FROM command JOIN lane USING (lane_key)
  WHERE lane.account_no = $1 AND status IN ('planned', 'sending', 'unknown')`;

/** Waits until a person must look at the account's lane. */
function attention({ partner }: System, { accountNo }: Account): Promise<Lane> {
  return eventually(
    async () => {
      const path = `/lanes?state=attention&accountNo=${accountNo}`;
      return (await partner.get<{ items: Lane[] }>(path)).items[0] ?? false;
    },
    { timeoutMs: 60_000 },
  );
}

const saveTicketing = ({ partner }: System, provider: Provider, ticketing: object): Promise<unknown> =>
  partner.put(`/psa/${provider}/settings`, {
    enabled: true,
    ticketing,
    statistics: { enabled: false },
    billing: {},
  });

/** The ticket is refused with the field's name; what fails meanwhile goes into what waits, and no call is made. */
async function waits(run: RowRun, account: Account, job: string, named: string): Promise<Lane> {
  const { system } = run;
  await system.report(account, 'failure', job);
  const lane = await attention(system, account);
  assert.equal(lane.why?.kind, 'attention');
  assert.ok(lane.why.text.includes(named), `"${lane.why.text}" does not name ${named}`);
  const last = await system.simulator.lastRequest();
  for (let n = 0; n < MORE_FAILURES; n += 1) await system.report(account, 'failure', job);
  const folded = "SELECT 1 FROM inbox WHERE id = ANY($1::uuid[]) AND consumer = 'notifications'";
  const ids = await system.eventIds(job);
  await system.stores.until('notifications', folded, { rows: ids.length, params: [ids] });
  const store = ticketingOf(account.provider);
  await eventually(async () => (await system.stores.count(store, 'SELECT 1 FROM outbox')) === 0);
  const unfinished = await system.stores.count(store, UNFINISHED, [account.accountNo]);
  assert.ok(unfinished <= 3, `${unfinished} commands wait for ${job}`);
  const asked = await system.simulator.requests(last);
  assert.deepEqual(
    asked.filter(({ provider }) => provider === account.provider).map(({ operation }) => operation),
    [],
  );
  run.measured(`${job}: commands that wait after ${MORE_FAILURES + 1} failures`, unfinished);
  return attention(system, account);
}

async function requiredField(run: RowRun, provider: Provider): Promise<void> {
  const { system, phase } = run;
  const account = system.account(provider, 0);
  const job = `Row43-${provider}-field`;
  phase('inject');
  await system.simulator.set({ requiredTicketField: FIELD });

  phase('expect');
  const lane = await waits(run, account, job, FIELD);

  phase('heal');
  await system.simulator.set({ requiredTicketField: '' });
  await system.partner.post(`/lanes/${encodeURIComponent(lane.id)}/retry`);
  await system.ticket(job, 'open');
  await system.report(account, 'success', job);
}

async function removedId(run: RowRun, provider: Provider): Promise<void> {
  const { system, phase } = run;
  const account = system.account(provider, 1);
  const job = `Row43-${provider}-id`;
  const { settings, list, away, back, named } = CHOICES[provider];
  phase('arrange');
  await saveTicketing(system, provider, settings);
  await system.report(account, 'failure', `${job}-before`);
  await system.ticket(`${job}-before`, 'open');

  phase('inject');
  await system.simulator.change(provider, list, ...away);

  phase('expect');
  const lane = await waits(run, account, job, named);
  assert.equal(lane.why?.field, 'settings/ticketing');

  phase('heal');
  // The partner chooses something that is there, and what waits goes out without another word.
  await saveTicketing(system, provider, {});
  await system.ticket(job, 'open');
  await system.simulator.change(provider, list, ...back);
  for (const name of [job, `${job}-before`]) await system.report(account, 'success', name);
}

export const row: FaultRow = {
  number: 43,
  fault: 'the PSA makes a field of its own required, and takes away an id that the settings name',
  expected:
    'the refused ticket waits for a person, who reads the name of the field; what fails meanwhile is folded into it without a call, and it goes out when that is put right',
  promises: ['P4', 'P9'],
  group: 'psas',
  smaller: 'apps/ticketing/src/lanes/lanes.db.spec.ts',
  async run(run) {
    run.phase('arrange');
    for (const provider of PROVIDERS) {
      await requiredField(run, provider);
      await removedId(run, provider);
    }
    await run.invariants();
  },
};
