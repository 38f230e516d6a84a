import type { Ledger } from './ledger.js';
import { lagOf, type Topics } from './offsets.js';
import type { Stores } from './stores.js';
import { PROVIDERS, type StoreName, STORES, ticketingOf } from './topology.js';

export interface DrainParts extends Topics {
  stores: Stores;
  ledger: Ledger;
}

interface Question {
  store: StoreName;
  what: string;
  sql: string;
  params?: unknown[];
}

const NOTHING = '00000000-0000-0000-0000-000000000000';

/** Events that are not published yet: behind the relay's position in their bucket. */
export const UNPUBLISHED = `SELECT 1 FROM event e JOIN relay_lease l USING (bucket)
  WHERE (e.xid, e.event_id) > (coalesce(l.pos_xid, '0'::xid8), coalesce(l.pos_id, '${NOTHING}'))`;
const UNDECIDED = `SELECT 1 FROM event e WHERE bucket IS NOT NULL AND NOT e.event_id = ANY($1::uuid[])
  AND NOT EXISTS (SELECT 1 FROM event_decision d WHERE d.event_id = e.event_id)`;
const PENDING = "SELECT 1 FROM event_action WHERE state = 'pending' AND NOT event_id = ANY($1::uuid[])";
const RUNNABLE = "SELECT 1 FROM lane WHERE state IN ('ready', 'running')";

function questionsOf({ ledger }: DrainParts): Question[] {
  const params = [[...ledger.given]];
  return [
    ...STORES.map((store) => ({ store, what: 'rows in the outbox', sql: 'SELECT 1 FROM outbox' })),
    { store: 'ingestion', what: 'events not published', sql: UNPUBLISHED },
    { store: 'ingestion', what: 'events without decision', sql: UNDECIDED, params },
    { store: 'ingestion', what: 'pending actions', sql: PENDING, params },
    ...PROVIDERS.map((provider) => ({
      store: ticketingOf(provider),
      what: 'lanes with work',
      sql: RUNNABLE,
    })),
  ];
}

/** @throws Error that lists what is still under way */
export async function assertDrained(parts: DrainParts): Promise<void> {
  const left: string[] = [];
  for (const { store, what, sql, params } of questionsOf(parts)) {
    const count = await parts.stores.count(store, sql, params);
    if (count) left.push(`${store}: ${count} ${what}`);
  }
  if (left.length === 0) left.push(...(await unread(parts)));
  if (left.length > 0) throw new Error(`Still under way: ${left.join('; ')}`);
}

/** Who reads what of the road from an event to its outcome. */
const READERS = [
  ['notifications', 'backup.events.v1'],
  ['ingestion', 'notification.decisions.v1'],
  ['ingestion', 'ticket.outcomes.v1'],
  ['ingestion', 'sync.outcomes.v1'],
  ['billing-sync-connectwise', 'backup.events.v1'],
  ...PROVIDERS.flatMap(
    (provider) =>
      [
        [ticketingOf(provider), `ticket.requests.${provider}.v1`],
        [`billing-sync-${provider}`, `sync.requests.${provider}.v1`],
      ] as const,
  ),
] as const;

/** Records that a consumer has not committed yet. */
async function unread(parts: DrainParts): Promise<string[]> {
  const left: string[] = [];
  for (const [group, topic] of READERS) {
    const lag = await lagOf(parts, group, topic);
    if (lag > 0) left.push(`${group}: ${lag} records of ${topic}`);
  }
  return left;
}
