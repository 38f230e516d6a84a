import type { Severity } from './canonical-event.js';
import type { EventId } from './ids.js';
import { isWorse } from './severity.js';

/** What the decision must know of the incident that has the request's key. */
export interface IncidentView {
  state: 'open' | 'resolved';
  severity: Severity;
  /** The event of the last request that acted on it. */
  lastEventId: EventId;
}

export interface TicketRequestView {
  eventId: EventId;
  intent: 'raise' | 'resolve';
  severity: Severity;
}

export type IgnoreReason = 'same_event' | 'nothing_open' | 'already_resolved';

/**
 * `open`: a new incident. `note`: it happened again. `escalate`: it became worse, with a note. `resolve`: close.
 * `reopen_or_new`: it came back after it was resolved; the ticket is reopened where the PSA lets it be, else replaced.
 */
export type TicketDecision =
  | { kind: 'open' | 'note' | 'resolve' | 'reopen_or_new' }
  | { kind: 'escalate'; from: Severity; to: Severity }
  | { kind: 'ignore'; reason: IgnoreReason };

function decideRaise(incident: IncidentView | null, request: TicketRequestView): TicketDecision {
  if (!incident) return { kind: 'open' };
  if (incident.state === 'resolved') return { kind: 'reopen_or_new' };
  if (isWorse(request.severity, incident.severity))
    return { kind: 'escalate', from: incident.severity, to: request.severity };
  return { kind: 'note' };
}

/** What a request makes of the incident of its key, `null` where there is none yet. */
export function decideTicket(incident: IncidentView | null, request: TicketRequestView): TicketDecision {
  // Another rule's request of the same event has acted already (F10).
  if (incident?.lastEventId === request.eventId) return { kind: 'ignore', reason: 'same_event' };
  if (request.intent === 'raise') return decideRaise(incident, request);
  if (!incident) return { kind: 'ignore', reason: 'nothing_open' };
  return incident.state === 'resolved' ? { kind: 'ignore', reason: 'already_resolved' } : { kind: 'resolve' };
}
