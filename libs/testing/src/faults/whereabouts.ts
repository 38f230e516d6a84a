import { asAdmin } from './offsets.js';
import type { System } from './system.js';
import { PROVIDERS, type StoreName, ticketingOf } from './topology.js';

const LEASES = `SELECT count(*) FILTER (WHERE expires_at > now())::int AS held, count(DISTINCT owner)::int AS owners,
  (SELECT count(*)::int FROM relay_member WHERE expires_at > now()) AS members FROM relay_lease`;
const OLDEST = `SELECT state, now() - xact_start AS age, wait_event, left(query, 80) AS query FROM pg_stat_activity
  WHERE xact_start < now() - interval '5 s' AND datname = current_database() ORDER BY xact_start LIMIT 3`;
const LANES = `SELECT state, reason, attempts, next_attempt_at - now() AS next, lease_until - now() AS lease
  FROM lane WHERE state <> 'idle' LIMIT 10`;
const BREAKERS = 'SELECT breaker, breaker_until - now() AS until, tokens FROM psa_connection';

/** For who has to find out why something does not come: relays, long transactions, lanes, breakers and brokers as they are now. */
export async function whereabouts(system: System): Promise<string> {
  const lines: string[] = [];
  const ask = async (store: StoreName, sql: string): Promise<void> => {
    const rows = await system.stores.query<object>(store, sql).catch(String);
    lines.push(`${store}: ${JSON.stringify(rows)}`);
  };
  for (const store of ['ingestion', 'notifications'] as const)
    for (const sql of [LEASES, OLDEST]) await ask(store, sql);
  for (const provider of PROVIDERS)
    for (const sql of [LANES, BREAKERS, OLDEST]) await ask(ticketingOf(provider), sql);
  lines.push(await brokers(system).catch(String));
  return lines.join('\n');
}

/** Which partitions lack a leader or copies, and how many members each group has. */
function brokers({ kafka }: System): Promise<string> {
  return asAdmin(kafka, async (admin) => {
    const { brokers: nodes } = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata();
    const poor = topics.flatMap(({ name, partitions }) =>
      partitions.flatMap(({ partitionId, leader, isr, replicas }) =>
        leader < 0 || isr.length < replicas.length ? [`${name}/${partitionId} ${leader} ${isr.join()}`] : [],
      ),
    );
    const { groups } = await admin.listGroups();
    const { groups: described } = await admin.describeGroups(groups.map(({ groupId }) => groupId));
    const members = described.map((group) => `${group.groupId} ${group.state} ${group.members.length}`);
    return `${nodes.length} brokers; ${poor.length} poor partitions ${poor.slice(0, 5).join('; ')}; ${members.join('; ')}`;
  });
}
