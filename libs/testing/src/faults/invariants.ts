import { deadLetterTopic, SERVICES as CONSUMERS } from '@backhaul/messaging';
import { type Ledger, placeOf } from './ledger.js';
import { endOf, type Topics } from './offsets.js';
import type { Ticket } from './simulator.js';
import type { Stores } from './stores.js';
import { PROVIDERS, type Provider, STORES, ticketingOf } from './topology.js';

export interface InvariantParts extends Topics {
  stores: Stores;
  ledger: Ledger;
  /** Of all simulators. */
  tickets: Ticket[];
}

/** What was counted while the invariants were checked. */
export interface Figures {
  accepted: number;
  processed: number;
  set_aside: number;
  actions: Record<string, number>;
  incidents: number;
  tickets: number;
  open: number;
}

interface IncidentRow {
  marker: string;
  state: 'open' | 'resolved';
  ticket_id: string | null;
}

/** Checks what must hold whenever nothing is under way. Answers what it counted; the complaints are empty when all holds. */
export async function checkInvariants(
  parts: InvariantParts,
): Promise<{ complaints: string[]; figures: Figures }> {
  const complaints = [
    ...(await durability(parts)),
    ...(await remnants(parts)),
    ...(await deadLetters(parts)),
    ...(await countedOnce(parts)),
    ...lastStateWins(parts),
  ];
  let incidents = 0;
  for (const provider of PROVIDERS) {
    const rows = await incidentsOf(parts, provider);
    incidents += rows.length;
    complaints.push(...ticketsMatch(provider, rows, parts.tickets));
    complaints.push(...(await laneOrder(parts, provider)));
  }
  const conserved = await conservation(parts);
  complaints.push(...conserved.complaints);
  const figures = {
    ...conserved.figures,
    incidents,
    tickets: parts.tickets.length,
    open: parts.tickets.filter(({ isClosed }) => !isClosed).length,
  };
  return { complaints, figures };
}

/** P1, P2: each report that was answered with 200 is in the log, once, and nothing else is. */
async function durability({ stores, ledger }: InvariantParts): Promise<string[]> {
  const rows = await stores.query<{ account_no: string; job: string; at: Date }>(
    'ingestion',
    `SELECT account_no, body::json->'job'->>'nativeJobId' AS job, occurred_at AS at FROM event`,
  );
  const nameOf = (place: string, at: Date): string => `${place} at ${at.toISOString()}`;
  const stored = countsOf(
    rows.map((row) => nameOf(placeOf({ accountNo: Number(row.account_no) }, row.job), row.at)),
  );
  const told = new Set(ledger.accepted.map(({ account, job, at }) => nameOf(placeOf(account, job), at)));
  return [
    ...[...told].filter((name) => !stored.has(name)).map((name) => `accepted and not stored: ${name}`),
    ...[...stored].filter(([, count]) => count > 1).map(([name, count]) => `stored ${count} times: ${name}`),
    ...[...stored.keys()].filter((name) => !told.has(name)).map((name) => `stored, never accepted: ${name}`),
  ];
}

const ENDED = `SELECT count(*)::int AS count FROM event WHERE body::json->>'type' IN
  ('backup.completed', 'backup.completed_warnings', 'backup.completed_errors', 'backup.failed')`;
const COUNTED = 'SELECT coalesce(sum(successful + failed), 0)::int AS count FROM result_day';

/** Each backup that ended is in the figures once: none is lost, none counted twice. */
async function countedOnce({ stores, ledger }: InvariantParts): Promise<string[]> {
  // What was set aside on purpose may be in them or not.
  if (ledger.given.size > 0) return [];
  const [ended] = await stores.query<{ count: number }>('ingestion', ENDED);
  const [counted] = await stores.query<{ count: number }>('billing-sync-connectwise', COUNTED);
  return ended?.count === counted?.count
    ? []
    : [`${ended?.count ?? 0} backups ended, ${counted?.count ?? 0} are in the figures`];
}

/** P9: accepted = processed + set aside, and each action of a processed event has come to an end. */
async function conservation({ stores, ledger }: InvariantParts): Promise<{
  complaints: string[];
  figures: Pick<Figures, 'accepted' | 'processed' | 'set_aside' | 'actions'>;
}> {
  const [sums] = await stores.query<{ accepted: number; processed: number; unassigned: number }>(
    'ingestion',
    `SELECT count(*)::int AS accepted, count(*) FILTER (WHERE account_no IS NULL)::int AS unassigned,
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM event_decision d WHERE d.event_id = e.event_id)
         AND NOT EXISTS (SELECT 1 FROM event_action a WHERE a.event_id = e.event_id AND a.state = 'pending'))::int AS processed
     FROM event e`,
  );
  const states = await stores.query<{ state: string; count: number }>(
    'ingestion',
    'SELECT state, count(*)::int AS count FROM event_action GROUP BY state ORDER BY state',
  );
  const { accepted = 0, processed = 0, unassigned = 0 } = sums ?? {};
  const set_aside = ledger.given.size;
  const actions = Object.fromEntries(states.map(({ state, count }) => [state, count]));
  const complaints: string[] = [];
  if (accepted !== processed + set_aside)
    complaints.push(`accepted ${accepted} is not processed ${processed} + set aside ${set_aside}`);
  if (unassigned) complaints.push(`${unassigned} events lost their account`);
  const unknown = Object.keys(actions).filter((state) => !ENDS.has(state));
  if (unknown.length) complaints.push(`actions that have not ended: ${unknown.join(', ')}`);
  return { complaints, figures: { accepted, processed, set_aside, actions } };
}

const ENDS = new Set(['done', 'skipped', 'failed', 'superseded']);

/** Nothing is left over: no row to publish or refused, no lane that runs or waits for a person. */
async function remnants({ stores }: InvariantParts): Promise<string[]> {
  const complaints: string[] = [];
  const none = async (store: (typeof STORES)[number], what: string, sql: string): Promise<void> => {
    const count = await stores.count(store, sql);
    if (count) complaints.push(`${store}: ${count} ${what}`);
  };
  for (const store of STORES) {
    await none(store, 'rows in the outbox', 'SELECT 1 FROM outbox');
    await none(store, 'rows that Kafka refused', "SELECT 1 FROM dead_letter WHERE class = 'unsent'");
  }
  for (const provider of PROVIDERS) {
    const store = ticketingOf(provider);
    await none(
      store,
      'lanes that run with a lease that is over',
      "SELECT 1 FROM lane WHERE state = 'running' AND lease_until < clock_timestamp()",
    );
    await none(store, 'lanes in attention', "SELECT 1 FROM lane WHERE state = 'attention'");
    await none(
      store,
      'unfinished commands of lanes at rest',
      "SELECT 1 FROM command JOIN lane USING (lane_key) WHERE lane.state = 'idle' AND status IN ('planned', 'sending', 'unknown')",
    );
  }
  return complaints;
}

/** An outage is never a reason to set a record aside: exactly those are, which a row wanted to be. */
async function deadLetters(parts: InvariantParts): Promise<string[]> {
  const complaints: string[] = [];
  for (const service of CONSUMERS) {
    const found = await endOf(parts, deadLetterTopic(service));
    const wanted = parts.ledger.deadLetters.get(service) ?? 0;
    if (found !== wanted) complaints.push(`${service}: ${found} dead letters, ${wanted} were expected`);
  }
  return complaints;
}

function incidentsOf({ stores }: InvariantParts, provider: Provider): Promise<IncidentRow[]> {
  return stores.query<IncidentRow>(ticketingOf(provider), 'SELECT marker, state, ticket_id FROM incident');
}

/** P4: a marker has one ticket; it is open while its incident is; a problem that healed in time has none. */
function ticketsMatch(
  provider: Provider,
  incidents: readonly IncidentRow[],
  all: readonly Ticket[],
): string[] {
  const tickets = all.filter((ticket) => ticket.provider === provider);
  const complaints: string[] = [];
  const known = new Set(incidents.map(({ marker }) => marker));
  for (const { marker, number } of tickets)
    if (marker === null || !known.has(marker))
      complaints.push(`${provider}: ticket ${number} belongs to no incident`);
  for (const { marker, state, ticket_id } of incidents) {
    const mine = tickets.filter((ticket) => ticket.marker === marker);
    const [ticket] = mine;
    if (mine.length > 1) complaints.push(`${provider}: ${mine.length} tickets of ${marker}`);
    if (state === 'open' && !ticket) complaints.push(`${provider}: ${marker} is open and has no ticket`);
    if (ticket && ticket.id !== ticket_id) complaints.push(`${provider}: ${marker} is not linked`);
    if (ticket && ticket.isClosed !== (state === 'resolved'))
      complaints.push(`${provider}: ${marker} is ${state}, ticket ${ticket.number} is not`);
    const texts = ticket?.notes.map(({ text }) => text) ?? [];
    if (new Set(texts).size < texts.length)
      complaints.push(`${provider}: a note stands twice in ${ticket?.number}`);
  }
  return complaints;
}

/** P3: what was done for an account was done in the order in which it was asked for. */
async function laneOrder({ stores }: InvariantParts, provider: Provider): Promise<string[]> {
  const count = await stores.count(
    ticketingOf(provider),
    `SELECT 1 FROM (SELECT finished_at, lag(finished_at) OVER (PARTITION BY lane_key ORDER BY seq) AS before
       FROM command WHERE status IN ('done', 'dead')) AS c WHERE finished_at < before`,
  );
  return count ? [`${provider}: ${count} commands overtook another of their lane`] : [];
}

/** P3, P6: each job's ticket is as the newest of its results says. */
function lastStateWins({ ledger, tickets }: InvariantParts): string[] {
  const complaints: string[] = [];
  for (const { account, job, result, everFailed } of ledger.standing().values()) {
    const mine = tickets.filter(
      (ticket) => ticket.provider === account.provider && ticket.summary.includes(`(${job})`),
    );
    const open = mine.filter(({ isClosed }) => !isClosed).length;
    if (mine.length > (everFailed ? 1 : 0)) complaints.push(`${job} has ${mine.length} tickets`);
    if (open !== (result === 'failure' ? 1 : 0))
      complaints.push(`${job} ended with ${result} and has ${open} open tickets`);
  }
  return complaints;
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
