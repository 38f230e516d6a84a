import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import { eventually } from '../../eventually.js';
import type { OwnServer } from '../../servers.js';
import { asAdmin } from '../offsets.js';
import { overtaken } from '../records.js';
import type { FaultRow, RowRun } from '../row.js';
import type { System } from '../system.js';

const EVENTS = 'backup.events.v1';
const REPORTS = 6;
const HANDLED = "SELECT 1 FROM inbox WHERE consumer = 'notifications' AND id = ANY($1::uuid[])";

/** How many copies must stand before the topic takes a record; its other settings stay as they are. */
async function want({ kafka, prefix }: System, copies: number): Promise<void> {
  const { TOPIC: type } = kafkajs.ConfigResourceTypes;
  const name = prefix + EVENTS;
  const configNames = ['cleanup.policy', 'retention.ms'];
  await asAdmin(kafka, async (admin) => {
    const asked = { includeSynonyms: false, resources: [{ type, name, configNames }] };
    const { resources } = await admin.describeConfigs(asked);
    const kept = (resources[0]?.configEntries ?? []).map((one) => ({ name: one.configName, value: one.configValue })); // prettier-ignore
    assert.equal(kept.length, configNames.length);
    const configEntries = [...kept, { name: 'min.insync.replicas', value: String(copies) }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] });
  });
}

const endsOf = ({ kafka, prefix }: System) =>
  asAdmin(kafka, (admin) => admin.fetchTopicOffsets(prefix + EVENTS));

/** The brokers that have a copy of that partition and do not lead it. */
async function followersOf(system: System, place: number): Promise<[OwnServer, OwnServer]> {
  const topics = [system.prefix + EVENTS];
  const metadata = await asAdmin(system.kafka, (admin) => admin.fetchTopicMetadata({ topics }));
  const partition = metadata.topics[0]?.partitions.find(({ partitionId }) => partitionId === place);
  assert.equal(partition?.isr.length, 3, 'not every broker has a copy');
  const servers = system.ownServers();
  const [first, second] = partition.isr
    .filter((node) => node !== partition.leader)
    .map((node) => servers.get(`kafka-${node}`));
  assert.ok(first && second);
  return [first, second];
}

/** A first report has gone all the way; answers the partition of its account. */
async function begin({ system }: RowRun, job: string): Promise<number> {
  const before = new Map((await endsOf(system)).map(({ partition, high }) => [partition, high]));
  await system.report(system.account('connectwise', 1), 'failure', job);
  await system.ticket(job, 'open', 150_000);
  await eventually(async () => (await system.unpublished()) === 0, { timeoutMs: 30_000 });
  const grown = (await endsOf(system)).filter(({ partition, high }) => high !== before.get(partition));
  assert.equal(grown.length, 1);
  return grown[0]?.partition ?? 0;
}

/** What ingestion's relay said of sends that it gave up. */
const complaintsIn = ({ fleet }: System): string[] =>
  fleet
    .service('ingestion')
    .logs()
    .split('\n')
    .filter((line) => line.includes('cannot be published'));

/** Reports come in, and are not called published when the relay has given up a send; answers what it said. */
async function reportInVain({ system }: RowRun, job: string, timeoutMs: number): Promise<string> {
  const before = complaintsIn(system).length;
  for (let n = 0; n < REPORTS; n += 1)
    await system.report(system.account('connectwise', 1), n % 2 ? 'failure' : 'success', job);
  const untilSaid = async (): Promise<string | false> => {
    assert.equal(await system.unpublished(), REPORTS, 'what Kafka did not take is called published');
    return complaintsIn(system)[before] ?? false;
  };
  const said = await eventually(untilSaid, { timeoutMs, intervalMs: 250 });
  assert.equal(await system.unpublished(), REPORTS, 'what Kafka did not take is called published');
  return said;
}

/** Everything leaves in its order, and has its effect once however often it was sent. */
async function settle({ system, phase, measured }: RowRun, job: string): Promise<void> {
  phase('heal');
  await eventually(async () => (await system.unpublished()) === 0, { timeoutMs: 180_000, intervalMs: 250 });
  const ids = await system.eventIds(job);
  await system.stores.until('notifications', HANDLED, { rows: REPORTS + 1, params: [ids] });
  const { published, repeats, wrong } = await overtaken(system, job);
  assert.deepEqual({ published, wrong }, { published: REPORTS + 1, wrong: [] });
  measured(`${job}, events sent again`, repeats);
}

/** The topic wants three copies, and a broker is gone: first written and then refused, refused at once from then on. */
async function tooFew(run: RowRun): Promise<void> {
  const { system, phase } = run;
  const job = 'Row21-refused';
  phase('arrange');
  const [follower] = await followersOf(system, await begin(run, job));
  phase('inject');
  await want(system, 3);
  await follower.kill();
  try {
    phase('expect');
    assert.match(await reportInVain(run, job, 120_000), /fewer in-sync replicas than required/);
  } finally {
    await follower.restart();
  }
  await settle(run, job);
  await want(system, 2);
}

/** Whoever leads waits for two others, which are frozen, and so is the quorum that could strike them off. */
async function tooSlow(run: RowRun): Promise<void> {
  const { system, phase } = run;
  const job = 'Row21-silent';
  phase('arrange');
  const followers = await followersOf(system, await begin(run, job));
  phase('inject');
  for (const follower of followers) follower.freeze();
  try {
    phase('expect');
    assert.match(await reportInVain(run, job, 240_000), /timed out/);
  } finally {
    for (const follower of followers) follower.thaw();
  }
  await settle(run, job);
}

export const row: FaultRow = {
  number: 21,
  fault:
    'too few of three brokers have a copy, so that Kafka refuses what it is sent; or the others do not answer in time',
  expected:
    'reports are accepted and stay in the log, none is called published; once Kafka takes them they leave in order',
  promises: ['P1', 'P2', 'P3', 'P9'],
  group: 'cluster',
  async run(run) {
    await tooFew(run);
    if (run.isLong) await tooSlow(run);
    await run.invariants(180_000);
  },
};
