import { type CanonicalEvent, type Clock, uuidv7 } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type BackupEventPayload, backupEvents } from '@backhaul/messaging';
import {
  outboxAuditTrail,
  publish,
  Relay,
  type Scope,
  type Tx,
  UnitOfWork,
  withinScope,
} from '@backhaul/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { TABLES } from '../accounts/scope-tables.js';
import { BreakerRepository } from '../breakers/breaker.repository.js';
import { RECEIVED_AFTER } from '../relay/event-log.source.js';
import { CLOCK } from '../tokens.js';
import { OperationRepository } from './operation.repository.js';

interface EventRow {
  body: string;
  account_no: string | null;
  cust_id: number;
  is_late: boolean;
}

const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };
const PSA_DOWN = 'The PSA does not answer right now. Nothing was asked of it; reprocess the event later.';

/** Whether a newer result of the same job is known by now: then it tells how things stand, and this one no longer. */
const FIND = `
  SELECT e.body, e.account_no, e.cust_id, e.is_conclusive AND EXISTS (
      SELECT 1 FROM event newer
      WHERE newer.job_hash = e.job_hash AND newer.account_no = e.account_no AND newer.is_conclusive
        AND newer.occurred_at >= e.occurred_at AND ${RECEIVED_AFTER} AND (newer.occurred_at > e.occurred_at OR e.is_success)
        AND newer.event_id <> e.event_id) AS is_late
  FROM event e`;

/** Lets the rules of now act once more on an event of then (F18): find, decide, ask, tell. */
@Injectable()
export class ReprocessEventHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly operations: OperationRepository,
    private readonly breakers: BreakerRepository,
    private readonly relay: Relay,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Answers the operation's id. @throws Problem 404, 409 while it runs already, 422 without account, 503 */
  async handle(scope: Scope, askedBy: string, eventId: string): Promise<string> {
    const operationId = uuidv7(this.clock.now().getTime());
    const waitS = await this.unitOfWork.run((tx) => this.ask(tx, scope, { operationId, eventId, askedBy }));
    if (waitS === null) {
      this.relay.wake();
      return operationId;
    }
    throw Problem.unavailable(Math.max(1, waitS), PSA_DOWN);
  }

  /** Null when it is on its way; else the seconds until the PSA is tried again. What was refused stands in the log too. */
  private async ask(
    tx: Tx,
    scope: Scope,
    { operationId, eventId, askedBy }: { operationId: string; eventId: string; askedBy: string },
  ): Promise<number | null> {
    const row = await this.find(tx, scope, eventId);
    const { partnerId } = scope;
    const waitS = await this.breakers.closedForS(tx, partnerId, eventId);
    const accountNo = Number(row.account_no);
    const problem = waitS === null ? null : PSA_DOWN;
    const operation = { operationId, partnerId, custId: row.cust_id, accountNo, eventId, problem };
    if (!(await this.operations.begin(tx, operation, askedBy)))
      throw Problem.conflict('This event is being reprocessed already.');
    const target = { kind: 'event', id: eventId };
    const detail = { operationId, ...(problem !== null && { refused: 'psa_down' }) };
    await outboxAuditTrail.record(tx, partnerId, { action: 'event.reprocess', target, detail });
    if (problem === null) await this.publishAgain(tx, row, operationId);
    return waitS;
  }

  private async find(tx: Tx, scope: Scope, eventId: string): Promise<EventRow> {
    const params: unknown[] = [eventId];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const [row] = await tx.query<EventRow>(
      `${FIND} WHERE ${where} AND e.event_id = $1 AND NOT e.is_discarded`,
      params,
    );
    if (!row) throw Problem.notFound();
    if (row.account_no === null)
      throw Problem.unprocessable('This result has no account yet: assign it, and the rules act on it.');
    return row;
  }

  /** On the topic of all events, so that it stays in the order of its account. */
  private async publishAgain(tx: Tx, row: EventRow, operationId: string): Promise<void> {
    const event = JSON.parse(row.body) as CanonicalEvent;
    const payload: BackupEventPayload = { event, isLate: row.is_late, operationId };
    await publish(tx, backupEvents, payload, {
      id: operationId,
      occurredAt: event.occurredAt,
      partnerId: event.tenant.partnerId,
      correlationId: event.eventId,
      causationId: null,
    });
  }
}
