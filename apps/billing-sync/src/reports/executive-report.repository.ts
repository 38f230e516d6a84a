import { COUNTED_UP_TO } from '@backhaul/http';
import { type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { COLUMNS, TABLES } from '../read-models/scope-tables.js';
import { FIRST_DAY } from '../results/figures.repository.js';
import { statisticsOf } from '../syncs/sync-view.repository.js';
import type { ExecutiveOut } from './executive.types.js';

interface Row extends Pick<ExecutiveOut, 'custId' | 'customerName' | 'from' | 'to'> {
  successful: number;
  failed: number;
  pushed: string | null;
  pushedAt: Date | null;
}

const OF_CUSTOMER = { partner: `k.${COLUMNS.partner}`, customer: `k.${COLUMNS.customer}` };
const PAGE = `
  SELECT c.cust_id::int AS "custId", c.name AS "customerName", to_char(${FIRST_DAY}, 'YYYY-MM-DD') AS "from",
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "to", d.successful, d.failed, s.pushed, s.pushed_at AS "pushedAt"
  FROM customers c LEFT JOIN sync_customer s ON s.partner_id = c.partner_id AND s.cust_id = c.cust_id
  CROSS JOIN LATERAL (SELECT coalesce(sum(r.successful), 0)::int AS successful, coalesce(sum(r.failed), 0)::int AS failed
    FROM result_day r WHERE r.partner_id = c.partner_id AND r.cust_id = c.cust_id AND r.day >= ${FIRST_DAY}) d
  ORDER BY c.cust_id`;

/** The figures of customers as they are, beside those that the PSA holds. */
export class ExecutiveReportRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async page(
    scope: Scope,
    custId: number | undefined,
    after: number,
    limit: number,
  ): Promise<ExecutiveOut[]> {
    const { customers, params } = customersOf(scope, custId, [after, limit]);
    const rows = await this.unitOfWork.query<Row>(
      `WITH customers AS (${customers} AND k.cust_id > $1 ORDER BY k.cust_id LIMIT $2) ${PAGE}`,
      params,
    );
    return rows.map(({ successful, failed, pushed, pushedAt, ...row }) => ({
      ...row,
      statistics: { successfulBackupJobs: successful, failedBackupJobs: failed },
      pushed: statisticsOf(pushed),
      pushedAt: pushedAt?.toISOString() ?? null,
    }));
  }

  async count(scope: Scope, custId: number | undefined): Promise<number> {
    const { customers, params } = customersOf(scope, custId, [COUNTED_UP_TO + 1]);
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (${customers} LIMIT $1) counted`,
      params,
    );
    return row?.count ?? 0;
  }
}

function customersOf(scope: Scope, custId: number | undefined, params: unknown[]) {
  const where = [withinScope(scope, TABLES, OF_CUSTOMER, params)];
  if (custId !== undefined) where.push(`k.cust_id = $${params.push(custId)}`);
  const customers = `SELECT k.partner_id, k.cust_id, k.name FROM known_customer k WHERE ${where.join(' AND ')}`;
  return { customers, params };
}
