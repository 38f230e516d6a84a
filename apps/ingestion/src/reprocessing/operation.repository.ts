import { type Scope, type Tx, UnitOfWork, withinScope } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { TABLES } from '../accounts/scope-tables.js';
import type { Operation, OperationRow } from './operation.js';
import { operationOf } from './operation.js';

const OF_OPERATION = { partner: 'o.partner_id', customer: 'o.cust_id', account: 'o.account_no' };

/** After this nobody waits any more: what is under way goes on by itself, and the event may be reprocessed again. */
const PATIENCE = "interval '15 minutes'";
const TOO_LONG = 'No outcome within 15 minutes; what is under way goes on by itself.';

const SELECT = `
  SELECT o.operation_id, o.event_id, o.state, o.problem, o.created_at, o.finished_at,
    (SELECT count(*)::int FROM event_action a WHERE a.partner_id = o.partner_id AND a.event_id = o.event_id
       AND a.operation_id = o.operation_id) AS total,
    (SELECT count(*)::int FROM event_action a WHERE a.partner_id = o.partner_id AND a.event_id = o.event_id
       AND a.operation_id = o.operation_id AND a.state <> 'pending') AS done
  FROM operation o`;

/** What somebody asked to be done once more, from the question to its end. */
@Injectable()
export class OperationRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async find(scope: Scope, operationId: string): Promise<Operation | null> {
    const params: unknown[] = [operationId];
    const where = withinScope(scope, TABLES, OF_OPERATION, params);
    return this.unitOfWork.run(async (tx) => {
      await giveUpOld(tx, 'operation_id = $1', [operationId]);
      const [row] = await tx.query<OperationRow>(`${SELECT} WHERE ${where} AND o.operation_id = $1`, params);
      return row ? operationOf(row) : null;
    });
  }

  /** Of one event that is in sight, newest first. */
  async ofEvent({ partnerId }: Scope, eventId: string): Promise<Operation[]> {
    const rows = await this.unitOfWork.query<OperationRow>(
      `${SELECT} WHERE o.partner_id = $1 AND o.event_id = $2 ORDER BY o.created_at DESC LIMIT 20`,
      [partnerId, eventId],
    );
    return rows.map(operationOf);
  }

  /** False when one is running for this event. */
  async begin(tx: Tx, operation: NewOperation, askedBy: string): Promise<boolean> {
    await giveUpOld(tx, 'event_id = $1', [operation.eventId]);
    const rows = await tx.query(
      `INSERT INTO operation (operation_id, partner_id, cust_id, account_no, event_id, state, asked_by, problem, created_at, finished_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), CASE WHEN $6 = 'failed' THEN now() END)
       ON CONFLICT (event_id) WHERE state IN ('queued', 'running') DO NOTHING RETURNING operation_id`,
      [
        operation.operationId, operation.partnerId, operation.custId, operation.accountNo, operation.eventId,
        operation.problem === null ? 'queued' : 'failed', askedBy, operation.problem,
      ], // prettier-ignore
    );
    return rows.length > 0;
  }
}

export interface NewOperation {
  operationId: string;
  partnerId: string;
  custId: number;
  accountNo: number;
  eventId: string;
  /** Why it ended before it began. */
  problem: string | null;
}

/** The rules have spoken: what they asked for runs, and what came of the event before counts no more. */
export async function startOperations(
  tx: Tx,
  decided: readonly { operationId: string; eventId: string; partnerId: string }[],
): Promise<void> {
  if (decided.length === 0) return;
  const params = [
    decided.map(({ operationId }) => operationId),
    decided.map(({ eventId }) => eventId),
    decided.map(({ partnerId }) => partnerId),
  ];
  await tx.query(
    `UPDATE event_action a SET state = 'superseded', reason = 'reprocessed', message = 'Reprocessed.'
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS d(operation_id, event_id, partner_id)
     WHERE a.partner_id = d.partner_id AND a.event_id = d.event_id AND a.operation_id IS DISTINCT FROM d.operation_id
       AND a.state IN ('pending', 'failed', 'skipped')`,
    params,
  );
  await tx.query(
    "UPDATE operation SET state = 'running' WHERE operation_id = ANY($1::uuid[]) AND state = 'queued'",
    [params[0]],
  );
}

/** Ends the operations of these events of which no action is waited for any more. */
export async function endOperations(tx: Tx, eventIds: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE operation o SET finished_at = now(),
       state = CASE WHEN f.problem IS NULL THEN 'done' ELSE 'failed' END, problem = f.problem
     FROM (SELECT r.operation_id, (SELECT string_agg(DISTINCT a.problem, E'\\n') FROM event_action a
             WHERE a.event_id = r.event_id AND a.operation_id = r.operation_id AND a.state = 'failed') AS problem
           FROM operation r WHERE r.event_id = ANY($1::uuid[]) AND r.state = 'running') f
     WHERE o.operation_id = f.operation_id AND o.state = 'running' AND NOT EXISTS (
       SELECT 1 FROM event_action a WHERE a.event_id = o.event_id AND a.operation_id = o.operation_id
         AND a.state = 'pending')`,
    [eventIds],
  );
}

async function giveUpOld(tx: Tx, where: string, params: unknown[]): Promise<void> {
  await tx.query(
    `UPDATE operation SET state = 'failed', finished_at = now(), problem = '${TOO_LONG}'
     WHERE ${where} AND state IN ('queued', 'running') AND created_at < now() - ${PATIENCE}`,
    params,
  );
}
