import assert from 'node:assert/strict';
import { TOPICS } from '@backhaul/messaging';
import { BaseBackup } from '../../base-backup.js';
import { eventually } from '../../eventually.js';
import { asAdmin, lagOf } from '../offsets.js';
import type { FaultRow, RowRun } from '../row.js';
import type { System } from '../system.js';
import { type Provider, PROVIDERS, STORES, ticketingOf } from '../topology.js';

/** All that keeps something in a database, the way in last. */
const INSIDE = STORES.filter((name) => name !== 'ingestion');
const JOBS = ['stands', 'heals', 'new'] as const;
type Job = (typeof JOBS)[number];
type Partner = Awaited<ReturnType<System['addPartner']>>;
const nameOf = (job: Job, provider: Provider): string => `Row50-${job}-${provider}`;
const AN_HOUR_MS = 3_600_000;
const LOOKING = { SEARCH_BEFORE_CREATE: 'on' };

async function each(work: (provider: Provider) => Promise<unknown>): Promise<void> {
  for (const provider of PROVIDERS) await work(provider);
}

const report = (system: System, provider: Provider, job: Job, result: 'success' | 'failure'): Promise<void> =>
  system.report(system.account(provider, JOBS.indexOf(job)), result, nameOf(job, provider));

/** As docs/operations.md has it: what is no table is read again from that moment on. */
async function setBack({ kafka, prefix }: System, to: Date): Promise<void> {
  const tables = new Set<string>(
    TOPICS.filter(({ compacted }) => compacted).map(({ name }) => prefix + name),
  );
  await asAdmin(kafka, async (admin) => {
    for (const group of STORES) {
      const groupId = prefix + group;
      const read = await admin.fetchOffsets({ groupId });
      for (const { topic } of read.filter((known) => !tables.has(known.topic))) {
        const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, to.getTime());
        await admin.setOffsets({ groupId, topic, partitions });
      }
    }
  });
}

async function untilRead(system: System): Promise<void> {
  const behind = async (): Promise<number> => {
    const events = await lagOf(system, 'notifications', 'backup.events.v1');
    const asked = PROVIDERS.map((psa) => lagOf(system, ticketingOf(psa), `ticket.requests.${psa}.v1`));
    return (await Promise.all(asked)).reduce((sum, lag) => sum + lag, events);
  };
  await eventually(async () => (await behind()) === 0, { timeoutMs: 180_000, intervalMs: 250 });
}

/** Every ticket of both PSAs, and whether it is open. */
async function standing(system: System): Promise<string[]> {
  const tickets = await system.tickets();
  return tickets
    .map(({ provider, id, isClosed }) => `${provider} ${id} ${isClosed ? 'closed' : 'open'}`)
    .toSorted();
}

interface Gap {
  backup: BaseBackup;
  /** A partner that no database will know. */
  lost: Partner;
}

/** Two problems stand; of what comes after the backup their databases will know nothing. */
async function liveOn({ system, phase }: RowRun): Promise<Gap> {
  phase('arrange');
  await each(async (provider) => {
    for (const job of ['stands', 'heals'] as const) await report(system, provider, job, 'failure');
    for (const job of ['stands', 'heals'] as const) await system.ticket(nameOf(job, provider), 'open');
  });
  await system.drain();
  const backup = await BaseBackup.take(system.postgres);
  await each(async (provider) => {
    await report(system, provider, 'stands', 'failure');
    await report(system, provider, 'heals', 'success');
    await report(system, provider, 'new', 'failure');
    await system.ticket(nameOf('heals', provider), 'closed');
    await system.ticket(nameOf('new', provider), 'open');
  });
  const lost = await system.addPartner('row50-lost', 1);
  assert.equal((await lost.api.read('/events')).status, 200);
  await system.drain();
  return { backup, lost };
}

/** Brings the world of Kafka and of the PSAs back into the databases, the way in shut until then. */
async function recover({ system, measured }: RowRun): Promise<void> {
  const since = new Date(Date.now() - AN_HOUR_MS);
  const recoverEvents = async (): Promise<{ recovered: number; unreadable: number }> =>
    JSON.parse(
      await system.fleet.program('ingestion', 'recover-events.js', ['--since', since.toISOString()]),
    ) as { recovered: number; unreadable: number };
  const { recovered, unreadable } = await recoverEvents();
  assert.deepEqual({ recovered, unreadable }, { recovered: 3 * PROVIDERS.length, unreadable: 0 });
  assert.equal((await recoverEvents()).recovered, 0, 'an event was brought back twice');
  measured('events brought back into the log', recovered);
  await setBack(system, since);
  for (const name of INSIDE) await system.fleet.boot(name, name.startsWith('ticketing') ? LOOKING : {});
  await system.fleet.program('accounts', 'republish.js', ['--after-restore']);
  await untilRead(system);
  for (const name of ['ingestion', 'gateway'] as const) await system.fleet.boot(name);
}

/** What was made since the backup opens nothing any more, and its numbers are nobody else's. */
async function isForgotten(system: System, lost: Partner): Promise<void> {
  const refused = async (): Promise<boolean> => (await lost.api.read('/events')).status === 401;
  await eventually(refused, { timeoutMs: 60_000, intervalMs: 250 });
  const numbersOf = ({ accounts }: Partner): number[] =>
    PROVIDERS.flatMap((provider) => accounts[provider].map(({ accountNo }) => accountNo));
  const next = numbersOf(await system.addPartner('row50-next', 1));
  assert.ok(Math.min(...next) > Math.max(...numbersOf(lost)), 'a number was given out twice');
}

export const row: FaultRow = {
  number: 50,
  fault: 'all databases are put back to an earlier moment, while Kafka and the PSAs remember what came since',
  expected:
    'by the steps of docs/operations.md the log has its events again, tickets made since are found and no second one is made, problems that stood or healed since do so, and keys made since open nothing',
  promises: ['P1', 'P4', 'P12'],
  group: 'servers',
  async run(run) {
    const { system, phase } = run;
    const { backup, lost } = await liveOn(run);
    const before = await standing(system);

    phase('inject');
    for (const name of ['gateway', ...STORES] as const) await system.fleet.end(name);
    await backup.putBack();
    assert.equal(await system.events(nameOf('new', 'connectwise')), 0, 'nothing was lost');

    phase('expect');
    await recover(run);
    await each((provider) => report(system, provider, 'new', 'failure'));
    await system.drain(180_000);
    assert.deepEqual(await standing(system), before);
    await isForgotten(system, lost);

    phase('heal');
    await each((provider) => system.fleet.restart(ticketingOf(provider)).then(() => undefined));
    await each(async (provider) => {
      for (const job of ['stands', 'new'] as const) await report(system, provider, job, 'success');
      for (const job of JOBS) await system.ticket(nameOf(job, provider), 'closed');
    });
    await run.invariants(180_000);
  },
};
