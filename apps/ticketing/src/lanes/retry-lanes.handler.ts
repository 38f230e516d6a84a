import { Problem } from '@backhaul/http';
import {
  acrossTenantsForOperators,
  type Dispatcher,
  outboxAuditTrail,
  type Scope,
  type Tx,
  type UnitOfWork,
  withinScope,
} from '@backhaul/persistence';
import type { PartnerId } from '@backhaul/domain';
import { COLUMNS, TABLES } from '../read-models/scope-tables.js';

interface Lane {
  id: string;
  partnerId: PartnerId;
}

/** What a retry is asked for: a lane by its key, or a problem whose commands stand in one. */
interface Asked {
  kind: 'lane' | 'incident';
  id: string;
}

const KNOWN = {
  lane: (where: string) => `SELECT 1 FROM lane WHERE ${where} AND lane_key = $1`,
  incident: (where: string) => `SELECT 1 FROM incident WHERE ${where} AND incident_id = $1`,
};
const OF = {
  lane: 'lane_key = $1',
  incident: `lane_key IN (SELECT c.lane_key FROM command c
    WHERE c.incident_id = $1 AND c.status IN ('planned', 'sending', 'unknown'))`,
};

/** A person's word to try again: find, set going, record, wake. */
export class RetryLanesHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly dispatcher: Pick<Dispatcher, 'wake'>,
  ) {}

  /** @throws Problem 404, 409 when nothing of it waits for a person or for its next try */
  async ofIncident(scope: Scope, id: string): Promise<void> {
    await this.retry(scope, { kind: 'incident', id }, withinScope);
  }

  /** Operators may, whosever lane it is. @throws Problem 404, 409 */
  async one(scope: Scope, id: string): Promise<void> {
    await this.retry(scope, { kind: 'lane', id }, acrossTenantsForOperators);
  }

  private async retry(scope: Scope, { kind, id }: Asked, within: typeof withinScope): Promise<void> {
    const params: unknown[] = [id];
    const where = within(scope, TABLES, COLUMNS, params);
    await this.unitOfWork.run(async (tx) => {
      const known = await tx.query(KNOWN[kind](where), params);
      if (known.length === 0) throw Problem.notFound();
      const lanes = await this.setGoing(tx, `${where} AND ${OF[kind]}`, params);
      if (lanes.length === 0) throw Problem.conflict('Nothing here waits for a retry.');
      for (const lane of lanes)
        await outboxAuditTrail.record(tx, lane.partnerId, {
          action: `${kind}.retry`,
          target: { kind, id },
          detail: { lane: lane.id },
        });
    });
    this.dispatcher.wake();
  }

  private setGoing(tx: Tx, where: string, params: unknown[]): Promise<Lane[]> {
    return tx.query<Lane>(
      `UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now()
       WHERE ${where} AND (state = 'attention' OR (state = 'ready' AND next_attempt_at > clock_timestamp()))
       RETURNING lane_key AS id, partner_id AS "partnerId"`,
      params,
    );
  }
}
