import { Problem } from '@backhaul/http';
import { rowsOf, type Scope } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
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
    const answer: unknown = await this.dataSource.query(
      `SELECT lane_key AS id, account_no::int AS "accountNo", cust_id::int AS "custId", state, reason,
              (SELECT count(*)::int FROM command c WHERE c.lane_key = lane.lane_key AND c.status IN ('planned', 'sending', 'unknown')) AS waiting,
              to_char(next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "nextAttemptAt"
       FROM lane WHERE partner_id = $1 AND lane_key > $2 AND ($3::text IS NULL OR state = $3) ORDER BY lane_key LIMIT $4`,
      [scope.partnerId, after, state ?? null, limit],
    );
    return rowsOf<LaneView>(answer);
  }

  /** @throws Problem 409 when nothing waits for a person */
  async ofAccount(scope: Scope, accountNo: number): Promise<void> {
    await this.retry('account_no = $2', [scope.partnerId, accountNo]);
  }

  /** @throws Problem 404, 409 */
  async one(scope: Scope, laneKey: string): Promise<void> {
    const known = rowsOf(
      await this.dataSource.query('SELECT 1 FROM lane WHERE partner_id = $1 AND lane_key = $2', [
        scope.partnerId,
        laneKey,
      ]),
    );
    if (known.length === 0) throw Problem.notFound();
    await this.retry('lane_key = $2', [scope.partnerId, laneKey]);
  }

  private async retry(where: string, params: unknown[]): Promise<void> {
    const answer: unknown = await this.dataSource.query(
      `UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now() WHERE partner_id = $1 AND ${where} AND state = 'attention' RETURNING lane_key`,
      params,
    );
    if (rowsOf(answer).length === 0) throw Problem.conflict('Nothing here waits for a retry.');
    this.dispatcher.wake();
  }
}
