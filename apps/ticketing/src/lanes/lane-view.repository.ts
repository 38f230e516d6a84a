import { COUNTED_UP_TO } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { acrossTenantsForOperators, rowsOf, type Scope } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { TABLES } from '../read-models/scope-tables.js';
import { type LaneFacts, type Why, whyWaiting } from './why-waiting.js';

export interface LaneView {
  id: string;
  provider: Provider;
  partnerId: string;
  accountNo: number;
  custId: number;
  state: LaneFacts['state'];
  reason: string | null;
  waiting: number;
  /** ISO 8601 UTC; null when nothing waits. */
  waitingSince: string | null;
  nextAttemptAt: string;
  why: { kind: Why['kind']; field: string | null; text: string; until: string | null } | null;
}

interface Row extends LaneFacts, Pick<LaneView, 'id' | 'partnerId' | 'accountNo' | 'custId'> {
  since: Date | null;
  nextAttemptAt: Date;
  now: Date;
}

const OF_LANE = { partner: 'l.partner_id', customer: 'l.cust_id', account: 'l.account_no' };
const msUntil = (column: string): string =>
  `CASE WHEN isfinite(${column}) THEN (extract(epoch FROM ${column} - clock_timestamp()) * 1000)::float ELSE -1 END`;

const SELECT = `
  SELECT l.lane_key AS id, l.partner_id AS "partnerId", l.account_no::int AS "accountNo", l.cust_id::int AS "custId",
         l.state, l.reason, l.next_attempt_at AS "nextAttemptAt", w.waiting, w.since, clock_timestamp() AS now,
         p.connection_id IS NOT NULL AS "isConnected", p.breaker, p.trouble, f.text AS "lastFailure",
         least(20, p.tokens + extract(epoch FROM clock_timestamp() - p.tokens_at) / 60 * p.rate_per_minute)::float AS tokens,
         ${msUntil('p.breaker_until')} AS "breakerMs", ${msUntil('p.resume_at')} AS "resumeMs",
         ${msUntil('l.next_attempt_at')} AS "nextAttemptMs"
  FROM lane l LEFT JOIN psa_connection p USING (connection_id)
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS waiting, min(c.created_at) AS since, (array_agg(c.incident_id ORDER BY c.seq))[1] AS incident_id
    FROM command c WHERE c.lane_key = l.lane_key AND c.status IN ('planned', 'sending', 'unknown')) w
  LEFT JOIN LATERAL (
    SELECT e.text FROM incident_entry e WHERE e.incident_id = w.incident_id AND e.kind = 'failed'
    ORDER BY e.entry_id DESC LIMIT 1) f ON l.state = 'attention' OR l.attempts > 0`;

export interface LaneFilter {
  state?: string | undefined;
  accountNo?: number | undefined;
}

/** Lanes as partners see their own, and operators those of all: what waits, since when and why. */
export class LaneViewRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly provider: Provider,
  ) {}

  /** In the order of their keys, the highest first; those behind `before`. */
  async page(scope: Scope, filter: LaneFilter, before: string | null, limit: number): Promise<LaneView[]> {
    const { where, params } = whereOf(scope, filter, [limit, before]);
    const answer: unknown = await this.dataSource.query(
      `${SELECT} WHERE ${where} AND ($2::text IS NULL OR l.lane_key < $2) ORDER BY l.lane_key DESC LIMIT $1`,
      params,
    );
    return rowsOf<Row>(answer).map((row) => viewOf(row, this.provider));
  }

  async count(scope: Scope, filter: LaneFilter): Promise<number> {
    const { where, params } = whereOf(scope, filter, [COUNTED_UP_TO + 1]);
    const answer: unknown = await this.dataSource.query(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM lane l WHERE ${where} LIMIT $1) counted`,
      params,
    );
    return rowsOf<{ count: number }>(answer)[0]?.count ?? 0;
  }
}

function whereOf(scope: Scope, { state, accountNo }: LaneFilter, params: unknown[]) {
  const where = [acrossTenantsForOperators(scope, TABLES, OF_LANE, params)];
  if (state !== undefined) where.push(`l.state = $${params.push(state)}`);
  if (accountNo !== undefined) where.push(`l.account_no = $${params.push(accountNo)}`);
  return { where: where.join(' AND '), params };
}

function viewOf(row: Row, provider: Provider): LaneView {
  const { id, partnerId, accountNo, custId, state, reason, waiting, since, nextAttemptAt, now } = row;
  const why = whyWaiting(row);
  return {
    id,
    provider,
    partnerId,
    accountNo,
    custId,
    state,
    reason,
    waiting,
    waitingSince: since?.toISOString() ?? null,
    nextAttemptAt: nextAttemptAt.toISOString(),
    why: why && {
      kind: why.kind,
      field: why.field,
      text: why.text,
      until: why.goesOnInMs === null ? null : new Date(now.getTime() + why.goesOnInMs).toISOString(),
    },
  };
}
