import { Problem } from '@backhaul/http';
import type { Provider, TicketRequestPayload, TicketSubject } from '@backhaul/messaging';
import {
  outboxAuditTrail,
  publishAll,
  type Scope,
  type Tx,
  type UnitOfWork,
  withinScope,
} from '@backhaul/persistence';
import { uuidFrom } from '@backhaul/domain';
import { TABLES } from '../read-models/scope-tables.js';
import { FoldBatch } from './fold-batch.js';
import type { IncidentRepository } from './incident.repository.js';
import { outcomeMessage } from './outcome.js';
import { RESOLVED_BY_HAND } from './ticket-content.js';

interface Row {
  key: string;
  accountNo: string;
  custId: string;
  connectionId: string;
  laneKey: string;
  state: 'open' | 'resolved';
  ruleId: string;
  lastEventId: string;
  subject: string;
  now: Date;
}

const OF_INCIDENT = { partner: 'i.partner_id', customer: 'i.cust_id', account: 'i.account_no' };

/** A person says that the problem is over: the ticket closes as if an event had said so. */
export class ResolveIncidentHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly incidents: IncidentRepository,
    private readonly provider: Provider,
    private readonly onWork: () => void,
  ) {}

  /** @throws Problem 404, 409 when it is resolved already */
  async handle(scope: Scope, incidentId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const row = await this.find(tx, scope, incidentId);
      if (!row) throw Problem.notFound();
      if (row.state === 'resolved') throw Problem.conflict('The problem is resolved already.');
      const place = { accountNo: Number(row.accountNo), key: row.key };
      const batch = new FoldBatch(await this.incidents.load(tx, [place]));
      batch.add(requestOf(row, scope.partnerId, incidentId), row.laneKey, row.connectionId);
      // Nobody's request: nobody waits for its outcome.
      batch.joins.length = 0;
      const released = await this.incidents.save(tx, batch);
      const target = { kind: 'incident', id: incidentId };
      await outboxAuditTrail.record(tx, scope.partnerId, { action: 'incident.resolve', target });
      const told = {
        provider: this.provider,
        state: 'superseded',
        reason: 'self_healed',
        message: 'Resolved by hand before a ticket was opened.',
        ticketId: null,
        ticketNumber: null,
        at: row.now,
      } as const;
      await publishAll(
        tx,
        released.map(({ requestId, eventId, ruleId, ...owner }) =>
          outcomeMessage({ requestId, eventId, ruleId }, { ...told, ...owner }),
        ),
      );
    });
    this.onWork();
  }

  /** With its lane locked, as a fold has it. */
  private async find(tx: Tx, scope: Scope, incidentId: string): Promise<Row | undefined> {
    const params: unknown[] = [incidentId];
    const where = withinScope(scope, TABLES, OF_INCIDENT, params);
    const [lane] = await tx.query<{ key: string }>(
      `SELECT l.lane_key AS key FROM lane l JOIN incident i ON l.lane_key = i.connection_id || '|' || i.account_no
       WHERE ${where} AND i.incident_id = $1 FOR UPDATE OF l`,
      params,
    );
    if (!lane) return undefined;
    const rows = await tx.query<Row>(
      `SELECT incident_key AS key, account_no AS "accountNo", cust_id AS "custId", connection_id AS "connectionId", state,
              rule_id AS "ruleId", last_event_id AS "lastEventId", subject, clock_timestamp() AS now, $2 AS "laneKey"
       FROM incident WHERE incident_id = $1`,
      [incidentId, lane.key],
    );
    return rows[0];
  }
}

function requestOf(row: Row, partnerId: string, incidentId: string): TicketRequestPayload {
  const subject = JSON.parse(row.subject) as TicketSubject;
  const requestId = uuidFrom('resolved by hand', incidentId, row.lastEventId);
  return {
    requestId,
    eventId: requestId,
    ruleId: row.ruleId,
    ruleName: '',
    partnerId,
    custId: Number(row.custId),
    accountNo: Number(row.accountNo),
    incidentKey: row.key,
    intent: 'resolve',
    severity: 'OK',
    occurredAt: row.now.toISOString(),
    subject: { ...subject, status: RESOLVED_BY_HAND },
  };
}
