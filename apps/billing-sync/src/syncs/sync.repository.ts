import { systemClock, uuidv7 } from '@backhaul/domain';
import type { SyncRequestPayload } from '@backhaul/messaging';
import type { Tx } from '@backhaul/persistence';
import type { AskedSync } from './sync-message.js';
import { AFTER_WINDOW_MS, WINDOW_MS } from './window.js';

/** Whose figures: the place of a customer. */
export interface Place {
  partnerId: string;
  custId: number;
}

export interface Customer extends Place {
  /** The last push that succeeded. */
  pushedAt: Date | null;
  /** A push that a person asked for and that has not ended. */
  orderedSyncId: string | null;
}

export interface WaitingSync extends AskedSync, Place {
  isForced: boolean;
}

export const keyOf = ({ partnerId, custId }: Place): string => `${partnerId}:${custId}`;
const columnsOf = (places: readonly Place[]): [string[], number[]] => [
  places.map(({ partnerId }) => partnerId),
  places.map(({ custId }) => custId),
];
const onceEach = (places: readonly Place[]): Place[] => [
  ...new Map(places.map((place) => [keyOf(place), place])).values(),
];

function grouped<P extends Place>(requests: readonly P[]): Map<string, P[]> {
  const groups = new Map<string, P[]>();
  for (const request of requests)
    groups.set(keyOf(request), [...(groups.get(keyOf(request)) ?? []), request]);
  return groups;
}

/** When what a window holds back is pushed. */
const FLUSH_AT = `pushed_at + interval '${WINDOW_MS + AFTER_WINDOW_MS} ms'`;

/** A customer's window, for SQL; null before the first push. */
export const IS_WITHIN_WINDOW = `pushed_at > clock_timestamp() - interval '${WINDOW_MS} ms'`;

/** What waits for the push of a customer's figures, and what its twelve hours hold back. */
export class SyncRepository {
  /** Until the end of the transaction nobody else judges or records these customers; the time is read behind the lock. */
  async lock(tx: Tx, places: readonly Place[]): Promise<{ customers: Map<string, Customer>; now: Date }> {
    const columns = columnsOf(onceEach(places));
    await tx.query(
      `INSERT INTO sync_customer (partner_id, cust_id) SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS c (p, n) ORDER BY p, n
       ON CONFLICT DO NOTHING`,
      columns,
    );
    const rows = await tx.query<Customer>(
      `SELECT s.partner_id AS "partnerId", s.cust_id::int AS "custId", s.pushed_at AS "pushedAt", s.ordered_sync_id AS "orderedSyncId"
       FROM sync_customer s JOIN unnest($1::uuid[], $2::bigint[]) AS c (p, n) ON s.partner_id = c.p AND s.cust_id = c.n
       ORDER BY s.partner_id, s.cust_id FOR UPDATE OF s`,
      columns,
    );
    const [clock] = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    if (!clock) throw new Error('PostgreSQL does not tell the time');
    return { customers: new Map(rows.map((row) => [keyOf(row), row])), now: clock.now };
  }

  /** They wait for a push, which is due now; what failed before waits for its next try unless a person asks. */
  async wait(tx: Tx, requests: readonly SyncRequestPayload[]): Promise<void> {
    if (requests.length === 0) return;
    await tx.query(
      `INSERT INTO sync_request (request_id, partner_id, cust_id, event_id, rule_id, account_no, is_forced)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::bigint[], $7::boolean[])
       ON CONFLICT DO NOTHING`,
      [
        requests.map(({ requestId }) => requestId), ...columnsOf(requests), requests.map(({ eventId }) => eventId),
        requests.map(({ ruleId }) => ruleId), requests.map(({ accountNo }) => accountNo),
        requests.map(({ isForced }) => isForced === true),
      ], // prettier-ignore
    );
    const isNow = (request: SyncRequestPayload): boolean => request.isForced === true;
    await this.makeDue(tx, requests.filter(isNow), 'true'); // prettier-ignore
    await this.makeDue(tx, requests, 'attempts = 0 OR due_at IS NULL');
  }

  private async makeDue(tx: Tx, places: readonly Place[], where: string): Promise<void> {
    await tx.query(
      `UPDATE sync_customer s SET due_at = least(due_at, clock_timestamp())
       FROM unnest($1::uuid[], $2::bigint[]) AS c (p, n) WHERE s.partner_id = c.p AND s.cust_id = c.n AND (${where})`,
      columnsOf(onceEach(places)),
    );
  }

  /** They came within the twelve hours: counted, for the list of syncs, and pushed when these are over. */
  async holdBack(
    tx: Tx,
    requests: readonly (Place & Pick<AskedSync, 'eventId' | 'accountNo'>)[],
  ): Promise<void> {
    if (requests.length === 0) return;
    const places = onceEach(requests);
    await tx.query(
      `UPDATE sync_customer s SET is_unsent = true, due_at = coalesce(due_at, ${FLUSH_AT})
       FROM unnest($1::uuid[], $2::bigint[]) AS c (p, n) WHERE s.partner_id = c.p AND s.cust_id = c.n`,
      columnsOf(places),
    );
    const byKey = grouped(requests);
    const groups = places.map((place) => byKey.get(keyOf(place)) ?? []);
    await tx.query(
      `INSERT INTO sync (sync_id, partner_id, cust_id, trigger, state, reason, events, event_id, account_no, window_started_at, ended_at)
       SELECT n.id, s.partner_id, s.cust_id, 'event', 'skipped', 'within_window', n.events, n.event_id, n.account_no, s.pushed_at, clock_timestamp()
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::uuid[], $6::bigint[]) AS n (id, p, c, events, event_id, account_no)
       JOIN sync_customer s ON s.partner_id = n.p AND s.cust_id = n.c
       ON CONFLICT (partner_id, cust_id, window_started_at) WHERE state = 'skipped'
       DO UPDATE SET events = sync.events + excluded.events, ended_at = excluded.ended_at`,
      [
        groups.map(() => uuidv7(systemClock.now().getTime())),
        ...columnsOf(places),
        groups.map(({ length }) => length),
        groups.map(([first]) => first?.eventId),
        groups.map(([first]) => first?.accountNo),
      ],
    );
  }
}
