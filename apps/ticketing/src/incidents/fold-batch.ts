import {
  type AccountNo,
  type EventId,
  markerFor,
  type PartnerId,
  type RuleId,
  type Severity,
  uuidFrom,
} from '@backhaul/domain';
import type { TicketRequestPayload, TicketSubject } from '@backhaul/messaging';
import { type Fold, fold, type FoldedIncident, type PendingCommand } from './fold.js';
import type { WaitingRequest } from './outcome.js';

export interface KnownIncident extends FoldedIncident {
  incidentId: string;
  accountNo: number;
  key: string;
  laneKey: string;
  ticketId: string | null;
  ticketNumber: string | null;
  marker: string;
  occurrences: number;
}

/** One incident as it stands after the batch. */
export interface IncidentChange {
  incidentId: string;
  isNew: boolean;
  request: TicketRequestPayload;
  laneKey: string;
  connectionId: string;
  state: 'open' | 'resolved';
  severity: Severity;
  marker: string;
  occurrences: number;
  lastEventId: string;
}

export interface NewCommand {
  commandId: string;
  laneKey: string;
  incidentId: string;
  kind: PendingCommand['kind'];
  content: CommandContent;
}

/** What the command says when it is carried out; a joined request makes it say the newer thing. */
export interface CommandContent {
  severity: Severity;
  occurredAt: string;
  occurrences: number;
  subject: TicketSubject;
}

export interface EarlyOutcome {
  request: TicketRequestPayload;
  reason: 'nothing_open' | 'same_event' | 'self_healed' | 'already_resolved';
  incidentId: string | null;
  ticketId: string | null;
  ticketNumber: string | null;
}

export interface Entry {
  incidentId: string;
  kind: string;
  text: string;
  eventId: string;
}

const waitingOf = ({ requestId, eventId, ruleId }: TicketRequestPayload): WaitingRequest => ({
  requestId,
  eventId,
  ruleId,
});

/** Folds the requests of one batch in their order, in memory; what it gathers is then written at once. */
export class FoldBatch {
  readonly incidents = new Map<string, IncidentChange>();
  readonly commands: NewCommand[] = [];
  readonly contents = new Map<string, CommandContent>();
  /** Command → those who wait for its end. */
  readonly joins: { commandId: string; request: WaitingRequest }[] = [];
  /** Commands that never leave, and the command their waiters go to, if any. */
  readonly dropped: { commandId: string; heir: string | null }[] = [];
  readonly outcomes: EarlyOutcome[] = [];
  readonly entries: Entry[] = [];
  /** Lanes that a person has set going. */
  readonly retried = new Set<string>();
  private readonly newest = new Map<string, KnownIncident>();

  constructor(known: readonly KnownIncident[]) {
    for (const incident of known) this.newest.set(`${incident.accountNo}|${incident.key}`, incident);
  }

  add(request: TicketRequestPayload, laneKey: string, connectionId: string): void {
    const place = `${request.accountNo}|${request.incidentKey}`;
    const known = this.newest.get(place) ?? null;
    const eventId = request.eventId as EventId;
    const { intent, severity, operationId } = request;
    const isReprocessed = operationId !== undefined;
    if (isReprocessed) this.retried.add(laneKey);
    const result = fold(known, { eventId, intent, severity, isReprocessed });
    const incident = this.change(place, known, request, result, laneKey, connectionId);
    this.enqueue(incident, request, result);
  }

  private change(
    place: string,
    known: KnownIncident | null,
    request: TicketRequestPayload,
    result: Fold,
    laneKey: string,
    connectionId: string,
  ): KnownIncident | null {
    if (result.incident === 'none') return known;
    const incident = result.incident === 'new' || !known ? this.open(request, laneKey) : known;
    const isRaise = request.intent === 'raise';
    incident.severity = result.severity ?? incident.severity;
    incident.state = result.incident === 'resolve' ? 'resolved' : 'open';
    incident.lastEventId = request.eventId as EventId;
    if (isRaise && result.incident !== 'new') incident.occurrences += 1;
    this.newest.set(place, incident);
    this.incidents.set(incident.incidentId, {
      incidentId: incident.incidentId,
      isNew: this.incidents.get(incident.incidentId)?.isNew ?? result.incident === 'new',
      // The subject of a ticket is its problem, not its cure.
      request: isRaise ? request : (this.incidents.get(incident.incidentId)?.request ?? request),
      laneKey,
      connectionId,
      state: incident.state,
      severity: incident.severity,
      marker: incident.marker,
      occurrences: incident.occurrences,
      lastEventId: request.eventId,
    });
    const kinds = { new: 'opened', keep: 'seen_again', reopen: 'came_back', resolve: 'resolved' } as const;
    this.entries.push({
      incidentId: incident.incidentId,
      kind: kinds[result.incident],
      text: `${request.subject.eventType} (${request.severity})`,
      eventId: request.eventId,
    });
    return incident;
  }

  private open(request: TicketRequestPayload, laneKey: string): KnownIncident {
    const { partnerId, accountNo, ruleId, eventId, incidentKey } = request;
    return {
      incidentId: uuidFrom('incident', partnerId, String(accountNo), incidentKey, eventId),
      accountNo,
      key: incidentKey,
      laneKey,
      state: 'open',
      severity: request.severity,
      lastEventId: eventId as EventId,
      hasTicket: false,
      isReopenable: true,
      pending: [],
      ticketId: null,
      ticketNumber: null,
      marker: markerFor(partnerId as PartnerId, accountNo as AccountNo, ruleId as RuleId, eventId as EventId),
      occurrences: 1,
    };
  }

  private enqueue(incident: KnownIncident | null, request: TicketRequestPayload, result: Fold): void {
    if (incident && result.add) this.addCommand(incident, request, result.add);
    const added = result.add ? (incident?.pending.at(-1)?.commandId ?? null) : null;
    for (const commandId of result.drop) this.drop(incident, commandId, added);
    const waitsFor = added ?? result.join;
    if (waitsFor) this.joins.push({ commandId: waitsFor, request: waitingOf(request) });
    if (result.join && incident && result.incident !== 'none')
      this.contents.set(result.join, contentOf(incident, request));
    if (result.outcome) {
      this.outcomes.push({
        request,
        reason: result.outcome,
        incidentId: incident?.incidentId ?? null,
        ticketId: incident?.ticketId ?? null,
        ticketNumber: incident?.ticketNumber ?? null,
      });
    }
  }

  private addCommand(
    incident: KnownIncident,
    request: TicketRequestPayload,
    kind: PendingCommand['kind'],
  ): void {
    // From the request that asks for it, so that folding again makes the same command.
    const commandId = uuidFrom('command', incident.incidentId, kind, request.requestId);
    incident.pending = [...incident.pending, { commandId, kind, wasSent: false }];
    this.commands.push({
      commandId,
      laneKey: incident.laneKey,
      incidentId: incident.incidentId,
      kind,
      content: contentOf(incident, request),
    });
  }

  private drop(incident: KnownIncident | null, commandId: string, heir: string | null): void {
    if (incident) incident.pending = incident.pending.filter((command) => command.commandId !== commandId);
    this.dropped.push({ commandId, heir });
  }
}

const contentOf = (
  { severity, occurrences }: KnownIncident,
  request: TicketRequestPayload,
): CommandContent => ({
  severity: request.intent === 'raise' ? severity : request.severity,
  occurredAt: request.occurredAt,
  occurrences,
  subject: request.subject,
});
