import { Problem } from '@backhaul/http';
import { outboxAuditTrail, rowsOf, type Scope, UnitOfWork, withinScope } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { COLUMNS, TABLES } from '../read-models/scope-tables.js';
import type { Dispatcher } from './dispatcher.js';

export interface LaneView {
  id: string;
  accountNo: number;
  custId: number;
  state: 'idle' | 'ready' | 'running' | 'attention';
  reason: string | null;
  waiting: number;
  /** ISO 8601 UTC. */
  nextAttemptAt: string;
}

/** Lanes as partners see them, and the word to try again. */
export class RetryLanesHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dispatcher: Pick<Dispatcher, 'wake'>,
  ) {}

  async page(scope: Scope, after: string, limit: number, state?: string): Promise<LaneView[]> {
    const params: unknown[] = [limit, after, state ?? null];
    const where = withinScope(scope, TABLES, COLUMNS, params);
    const answer: unknown = await this.dataSource.query(
      `SELECT lane_key AS id, account_no::int AS "accountNo", cust_id::int AS "custId", state, reason,
              (SELECT count(*)::int FROM command c WHERE c.lane_key = lane.lane_key AND c.status IN ('planned', 'sending', 'unknown')) AS waiting,
              to_char(next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "nextAttemptAt"
       FROM lane WHERE ${where} AND lane_key > $2 AND ($3::text IS NULL OR state = $3) ORDER BY lane_key LIMIT $1`,
      params,
    );
    return rowsOf<LaneView>(answer);
  }

  /** @throws Problem 409 when nothing waits for a person */
  async ofAccount(scope: Scope, accountNo: number): Promise<void> {
    await this.retry(scope, 'account_no', accountNo);
  }

  /** @throws Problem 404, 409 */
  async one(scope: Scope, laneKey: string): Promise<void> {
    const params: unknown[] = [laneKey];
    const where = withinScope(scope, TABLES, COLUMNS, params);
    const known = rowsOf(
      await this.dataSource.query(`SELECT 1 FROM lane WHERE ${where} AND lane_key = $1`, params),
    );
    if (known.length === 0) throw Problem.notFound();
    await this.retry(scope, 'lane_key', laneKey);
  }

  private async retry(
    scope: Scope,
    column: 'account_no' | 'lane_key',
    value: string | number,
  ): Promise<void> {
    const params: unknown[] = [value];
    const where = withinScope(scope, TABLES, COLUMNS, params);
    const rows = await new UnitOfWork(this.dataSource).run(async (tx) => {
      const lanes = await tx.query<{ lane_key: string }>(
        `UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now() WHERE ${where} AND ${column} = $1 AND state = 'attention' RETURNING lane_key`,
        params,
      );
      for (const { lane_key: id } of lanes)
        await outboxAuditTrail.record(tx, scope.partnerId, {
          action: 'lane.retry',
          target: { kind: 'lane', id },
        });
      return lanes;
    });
    if (rows.length === 0) throw Problem.conflict('Nothing here waits for a retry.');
    this.dispatcher.wake();
  }
}
