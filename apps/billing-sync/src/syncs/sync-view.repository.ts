import { COUNTED_UP_TO } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../read-models/scope-tables.js';
import type { StatisticsOut, SyncOut, SyncState } from './syncs.types.js';

export interface SyncFilter {
  custId?: number | undefined;
  state?: SyncState | undefined;
}

interface Row extends Omit<SyncOut, 'provider' | 'before' | 'statistics' | 'createdAt' | 'endedAt'> {
  before: string | null;
  figures: string | null;
  createdAt: Date;
  endedAt: Date | null;
}

const OF_SYNC = { partner: 's.partner_id', customer: 's.cust_id' };
const SELECT = `SELECT s.sync_id AS id, s.cust_id::int AS "custId", k.name AS "customerName", s.trigger, s.state, s.reason, s.message,
  s.before, s.figures, s.event_id AS "eventId", s.account_no::int AS "accountNo", s.events, s.created_at AS "createdAt", s.ended_at AS "endedAt"
  FROM sync s LEFT JOIN known_customer k ON k.partner_id = s.partner_id AND k.cust_id = s.cust_id`;

/** The ledger of what was pushed, as partners see their own. */
export class SyncViewRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provider: Provider,
  ) {}

  /** Newest first; those behind `before`. */
  async page(scope: Scope, filter: SyncFilter, before: string | null, limit: number): Promise<SyncOut[]> {
    const { where, params } = whereOf(scope, filter, [limit, before]);
    const rows = await this.unitOfWork.query<Row>(
      `${SELECT} WHERE ${where} AND ($2::uuid IS NULL OR s.sync_id < $2) ORDER BY s.sync_id DESC LIMIT $1`,
      params,
    );
    return rows.map((row) => this.viewOf(row));
  }

  async find(scope: Scope, id: string): Promise<SyncOut | null> {
    const { where, params } = whereOf(scope, {}, [id]);
    const [row] = await this.unitOfWork.query<Row>(`${SELECT} WHERE ${where} AND s.sync_id = $1`, params);
    return row ? this.viewOf(row) : null;
  }

  async count(scope: Scope, filter: SyncFilter): Promise<number> {
    const { where, params } = whereOf(scope, filter, [COUNTED_UP_TO + 1]);
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM sync s WHERE ${where} LIMIT $1) counted`,
      params,
    );
    return row?.count ?? 0;
  }

  private viewOf({ before, figures, createdAt, endedAt, ...row }: Row): SyncOut {
    return {
      ...row,
      provider: this.provider,
      before: statisticsOf(before),
      statistics: statisticsOf(figures),
      createdAt: createdAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    };
  }
}

export const statisticsOf = (json: string | null): StatisticsOut | null =>
  json === null ? null : (JSON.parse(json) as StatisticsOut);

function whereOf(scope: Scope, { custId, state }: SyncFilter, params: unknown[]) {
  const where = [withinScope(scope, TABLES, OF_SYNC, params)];
  if (custId !== undefined) where.push(`s.cust_id = $${params.push(custId)}`);
  if (state !== undefined) where.push(`s.state = $${params.push(state)}`);
  return { where: where.join(' AND '), params };
}
