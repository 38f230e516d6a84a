import { type Provider } from '@backhaul/messaging';
import { publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { BackupStatistics } from '@backhaul/psa';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import { COUNTED } from '../results/count-results.handler.js';
import { insertSync, type Ended } from './ledger.js';
import { type Place, type SyncRepository, type WaitingSync } from './sync.repository.js';
import { type Outcome, syncMessage, WITHIN_WINDOW } from './sync-message.js';
import { AFTER_WINDOW_MS, WINDOW_MS } from './window.js';

export interface Lease extends Place {
  leaseId: string;
}

/** A customer whose turn it is. */
export interface Job extends Lease {
  companyId: string | null;
  /** What the PSA holds; null before the first push. */
  pushed: BackupStatistics | null;
  orderedSyncId: string | null;
  waiting: WaitingSync[];
  /** Events that ask for the push are not in the figures yet. */
  isUncounted: boolean;
}

export interface Held {
  reason: string;
  message: string;
  ms: number;
  mostMs: number;
}

const CALLED = { inFlight: 2, inTrouble: 1 };
/** An event is counted within moments; longer than this nobody waits for it. */
const COUNTING_MS = 30_000;

/**
 * One customer each of the connections that may be called, the one called longest ago first. The connection's row is
 * locked meanwhile: two workers take two, and never more than it bears.
 */
const CLAIM = `
  WITH ready AS MATERIALIZED (
    SELECT c.connection_id, c.partner_id FROM psa_connection c
    WHERE c.is_enabled AND c.has_statistics AND NOT c.needs_change
      AND c.resume_at <= clock_timestamp() AND c.next_push_at <= clock_timestamp()
      AND NOT EXISTS (SELECT 1 FROM known_partner p WHERE p.partner_id = c.partner_id AND p.is_suspended)
      AND EXISTS (SELECT 1 FROM sync_customer s WHERE s.partner_id = c.partner_id AND s.due_at <= clock_timestamp()
                  AND s.lease_until <= clock_timestamp())
      AND (SELECT count(*) FROM sync_customer s WHERE s.partner_id = c.partner_id AND s.lease_id IS NOT NULL AND s.lease_until > clock_timestamp())
        < CASE WHEN c.trouble IS NULL THEN ${CALLED.inFlight} ELSE ${CALLED.inTrouble} END
    ORDER BY c.next_push_at LIMIT $1 FOR UPDATE OF c SKIP LOCKED),
  paced AS (
    UPDATE psa_connection c SET next_push_at = clock_timestamp() + $3 * interval '1 ms' FROM ready r
    WHERE c.connection_id = r.connection_id),
  next AS MATERIALIZED (
    SELECT s.partner_id, s.cust_id FROM ready r CROSS JOIN LATERAL (
      SELECT d.partner_id, d.cust_id FROM sync_customer d WHERE d.partner_id = r.partner_id
        AND d.due_at <= clock_timestamp() AND d.lease_until <= clock_timestamp()
      ORDER BY d.due_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED) s)
  UPDATE sync_customer s SET lease_id = gen_random_uuid(), lease_until = clock_timestamp() + $2 * interval '1 ms', is_unsent = false
  FROM next n WHERE s.partner_id = n.partner_id AND s.cust_id = n.cust_id
  RETURNING s.partner_id AS "partnerId", s.cust_id::int AS "custId", s.lease_id AS "leaseId"`;

const MINE = 'partner_id = $1 AND cust_id = $2 AND lease_id = $3';
const LET_GO = "lease_id = NULL, lease_until = '-infinity'";
const WAITING = `request_id AS "requestId", event_id AS "eventId", rule_id AS "ruleId", partner_id AS "partnerId",
  cust_id::int AS "custId", account_no::int AS "accountNo", is_forced AS "isForced"`;

/** Whose turn it is to be pushed, and what became of it. */
export class PushRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly syncs: SyncRepository,
    private readonly connections: ConnectionRepository,
    private readonly provider: Provider,
  ) {}

  /** @param paceMs between two pushes of one connection */
  claim(slots: number, leaseMs: number, paceMs: number): Promise<Lease[]> {
    return this.unitOfWork.run((tx) => tx.query<Lease>(CLAIM, [slots, leaseMs, paceMs]));
  }

  /** Null where somebody else has it by now. */
  async load(lease: Lease): Promise<Job | null> {
    const mine = mineOf(lease);
    const waiting = await this.unitOfWork.query<WaitingSync>(
      `SELECT ${WAITING} FROM sync_request WHERE partner_id = $1 AND cust_id = $2 ORDER BY seq`,
      mine.slice(0, 2),
    );
    const [row] = await this.unitOfWork.query<Omit<Job, 'waiting' | 'pushed'> & { pushed: string | null }>(
      `SELECT s.lease_id AS "leaseId", s.partner_id AS "partnerId", s.cust_id::int AS "custId", s.pushed,
         s.ordered_sync_id AS "orderedSyncId", m.psa_company_id AS "companyId",
         EXISTS (SELECT 1 FROM sync_request r WHERE r.partner_id = $1 AND r.cust_id = $2
           AND r.received_at > clock_timestamp() - interval '${COUNTING_MS} ms'
           AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = '${COUNTED}' AND i.id = r.event_id)) AS "isUncounted"
       FROM sync_customer s LEFT JOIN customer_map m ON m.partner_id = s.partner_id AND m.cust_id = s.cust_id
       WHERE s.partner_id = $1 AND s.cust_id = $2 AND s.lease_id = $3`,
      mine,
    );
    return row ? { ...row, waiting, pushed: row.pushed === null ? null : (JSON.parse(row.pushed) as BackupStatistics) } : null; // prettier-ignore
  }

  /** Nothing was called: it is due again after so long. */
  async postpone(lease: Lease, ms: number): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE sync_customer SET ${LET_GO}, due_at = clock_timestamp() + $4 * interval '1 ms' WHERE ${MINE}`,
      [...mineOf(lease), ms],
    );
  }

  /** The PSA holds these figures already, and nobody asked by hand or by an event. */
  async drop(lease: Lease): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE sync_customer SET ${LET_GO}, attempts = 0, due_at = ${afterwards(arrived(''), 'pushed_at')} WHERE ${MINE}`,
      [...mineOf(lease), []],
    );
  }

  /** Pushed: the twelve hours begin, the event that asked first is done, and what else waits is held back (F29, F30). */
  async pushed(job: Job, connection: KnownConnection, ended: Ended): Promise<void> {
    await this.end(job, async (tx, snapshot) => {
      const now = await this.letGo(
        tx,
        `UPDATE sync_customer SET ${LET_GO}, ${FULFILLED}, attempts = 0, pushed_at = clock_timestamp(), pushed = $5,
           due_at = ${afterwards(`${HAS_FORCED} OR ordered_sync_id IS DISTINCT FROM $6`, 'clock_timestamp()')} WHERE ${MINE}`,
        [...mineOf(job), snapshot, JSON.stringify(ended.figures), job.orderedSyncId],
      );
      if (!now) return null;
      await this.connections.succeeded(tx, connection.connectionId);
      const waiting = await this.take(tx, job, '(NOT is_forced OR request_id = ANY($3::uuid[]))', snapshot);
      const trigger = job.waiting[0]?.eventId;
      const isDone = ({ isForced, eventId }: WaitingSync): boolean => isForced || eventId === trigger;
      const late = waiting.filter((request) => !isDone(request));
      await insertSync(tx, job, ended, waiting.length - late.length);
      await this.syncs.holdBack(tx, late);
      const done: Outcome = { state: 'done', reason: 'pushed', message: ended.message };
      return waiting.map((request) =>
        syncMessage(request, isDone(request) ? done : WITHIN_WINDOW, this.provider, now),
      );
    });
  }

  /** A person has to put something right. The window is not used up (F28); it is tried again with the next event, or after twelve hours. */
  async failed(job: Job, ended: Ended): Promise<void> {
    await this.end(job, async (tx, snapshot) => {
      const now = await this.letGo(
        tx,
        `UPDATE sync_customer SET ${LET_GO}, ${FULFILLED}, attempts = 0,
           due_at = CASE WHEN ${HAS_MORE} THEN clock_timestamp() ELSE clock_timestamp() + $5 * interval '1 ms' END WHERE ${MINE}`,
        [...mineOf(job), snapshot, WINDOW_MS, job.orderedSyncId],
      );
      if (!now) return null;
      const waiting = await this.take(tx, job, 'request_id = ANY($3::uuid[])', snapshot);
      await insertSync(tx, job, ended, waiting.length);
      const failed: Outcome = { state: 'failed', reason: ended.reason, message: ended.message };
      return waiting.map((request) => syncMessage(request, failed, this.provider, now));
    });
  }

  /** The PSA cannot be asked for now: what waits goes on waiting, and its event logs say why. */
  async held(job: Job, connection: KnownConnection, { reason, message, ...pause }: Held): Promise<void> {
    await this.end(job, async (tx) => {
      const now = await this.letGo(
        tx,
        `UPDATE sync_customer SET ${LET_GO}, attempts = attempts + 1,
           due_at = clock_timestamp() + least($5, $4 * power(2, least(attempts, 10))) * interval '1 ms' WHERE ${MINE}`,
        [...mineOf(job), pause.ms, pause.mostMs],
      );
      if (!now) return null;
      await this.connections.failed(tx, connection, reason, pause);
      const waiting = await tx.query<WaitingSync>(
        `UPDATE sync_request SET told = $3 WHERE partner_id = $1 AND cust_id = $2 AND told IS DISTINCT FROM $3 RETURNING ${WAITING}`,
        [job.partnerId, job.custId, reason],
      );
      const pending: Outcome = { state: 'pending', reason, message };
      return waiting.map((request) => syncMessage(request, pending, this.provider, now));
    });
  }

  /** In one transaction: the new state, what is told of it, and nothing at all where the lease is somebody else's by now. */
  private async end(
    job: Job,
    work: (tx: Tx, snapshot: string[]) => Promise<ReturnType<typeof syncMessage>[] | null>,
  ): Promise<void> {
    const snapshot = job.waiting.map(({ requestId }) => requestId);
    await this.unitOfWork.run(async (tx) => publishAll(tx, (await work(tx, snapshot)) ?? []));
  }

  private async letGo(tx: Tx, update: string, params: unknown[]): Promise<Date | null> {
    const [row] = await tx.query<{ now: Date }>(`${update} RETURNING clock_timestamp() AS now`, params);
    return row?.now ?? null;
  }

  private async take(tx: Tx, job: Job, where: string, snapshot: string[]): Promise<WaitingSync[]> {
    return tx.query<WaitingSync>(
      `WITH gone AS (DELETE FROM sync_request WHERE partner_id = $1 AND cust_id = $2 AND ${where} RETURNING seq, ${WAITING})
       SELECT * FROM gone ORDER BY seq`,
      [job.partnerId, job.custId, snapshot],
    );
  }
}

const mineOf = ({ partnerId, custId, leaseId }: Lease): [string, number, string] => [
  partnerId,
  custId,
  leaseId,
];

const arrived = (where: string): string =>
  `EXISTS (SELECT 1 FROM sync_request r WHERE r.partner_id = $1 AND r.cust_id = $2 AND r.request_id <> ALL($4::uuid[])${where})`;
/** Came since the figures were read; `$4` are the requests that were known then, `$6` the order. */
const HAS_FORCED = arrived(' AND r.is_forced');
const HAS_MORE = `(${arrived('')} OR ordered_sync_id IS DISTINCT FROM $6)`;
const FULFILLED = 'ordered_sync_id = CASE WHEN ordered_sync_id = $6 THEN NULL ELSE ordered_sync_id END';
/** When it is due again: at once for what asks for it since, after the window for what that held back. */
const afterwards = (isAsked: string, pushedAt: string): string => `CASE WHEN ${isAsked} THEN clock_timestamp()
  WHEN is_unsent THEN ${pushedAt} + interval '${WINDOW_MS + AFTER_WINDOW_MS} ms' END`;
