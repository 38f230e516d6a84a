import { uuidFrom } from '@backhaul/domain';
import {
  type OutcomeState,
  type Provider,
  type TicketOutcomePayload,
  ticketOutcomes,
} from '@backhaul/messaging';
import { outboxMessage, type OutboxMessage } from '@backhaul/persistence';

export interface WaitingRequest {
  requestId: string;
  eventId: string;
  ruleId: string;
}

export interface OutcomeFacts {
  partnerId: string;
  accountNo: number;
  provider: Provider;
  state: OutcomeState;
  reason: string;
  message: string | null;
  ticketId: string | null;
  ticketNumber: string | null;
  incidentId?: string;
  brandId?: string;
  at: Date;
}

/** What became of one request, for the event log. Its id follows from what it says, so that a repeat is harmless. */
export function outcomeMessage(request: WaitingRequest, facts: OutcomeFacts): OutboxMessage {
  const { at, ...rest } = facts;
  const payload: TicketOutcomePayload = { ...request, ...rest, at: at.toISOString() };
  const id = uuidFrom('ticket.outcome', request.requestId, facts.state, facts.reason, payload.at);
  return outboxMessage(ticketOutcomes, payload, {
    id,
    occurredAt: payload.at,
    partnerId: facts.partnerId,
    correlationId: request.eventId,
    causationId: request.requestId,
  });
}
