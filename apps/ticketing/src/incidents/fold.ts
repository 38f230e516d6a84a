import { decideTicket, type IncidentView, isWorse, type Severity } from '@backhaul/domain';
import type { EventId } from '@backhaul/domain';

/** A command that stands in a lane and is not finished. */
export interface PendingCommand {
  commandId: string;
  kind: 'create' | 'note' | 'close' | 'reopen';
  /** It may have reached the PSA: from now on it is carried out as it is. */
  wasSent: boolean;
}

export interface FoldedIncident extends IncidentView {
  hasTicket: boolean;
  /** Resolved recently enough that its ticket is opened again instead of a new one. */
  isReopenable: boolean;
  pending: readonly PendingCommand[];
}

export interface FoldedRequest {
  eventId: EventId;
  intent: 'raise' | 'resolve';
  severity: Severity;
  /** Somebody asked for it once more (F18). */
  isReprocessed?: boolean;
}

/**
 * What a request changes. `join`: the request waits for that command's end. `add`: a new command behind the others.
 * `drop`: these commands never leave; those who waited for them learn `self_healed`, or wait for what is added.
 */
export interface Fold {
  incident: 'new' | 'keep' | 'reopen' | 'resolve' | 'none';
  severity: Severity | null;
  join: string | null;
  add: PendingCommand['kind'] | null;
  drop: readonly string[];
  /** Decided at once; nothing waits. */
  outcome: 'nothing_open' | 'same_event' | 'self_healed' | 'already_resolved' | null;
}

const NOTHING: Fold = { incident: 'none', severity: null, join: null, add: null, drop: [], outcome: null };

const unsent = (incident: FoldedIncident, kind: PendingCommand['kind']): PendingCommand | undefined =>
  incident.pending.find((command) => command.kind === kind && !command.wasSent);

/** The problem is there again, or worse: one note however often, and none while the ticket itself is not written yet. */
function again(incident: FoldedIncident, severity: Severity): Fold {
  const worst = isWorse(severity, incident.severity) ? severity : incident.severity;
  const waiting = unsent(incident, 'create') ?? unsent(incident, 'reopen') ?? unsent(incident, 'note');
  if (waiting) return { ...NOTHING, incident: 'keep', severity: worst, join: waiting.commandId };
  return { ...NOTHING, incident: 'keep', severity: worst, add: 'note' };
}

/** The problem is gone. A ticket that was never sent is not sent; one that may exist is closed. */
function healed(incident: FoldedIncident): Fold {
  const create = unsent(incident, 'create');
  const drop = incident.pending.filter((command) => !command.wasSent).map((command) => command.commandId);
  if (create) return { ...NOTHING, incident: 'resolve', drop, outcome: 'self_healed' };
  // It was to be opened again before it was closed: the closing stands.
  const close = unsent(incident, 'close');
  if (close) {
    const others = drop.filter((commandId) => commandId !== close.commandId);
    return { ...NOTHING, incident: 'resolve', drop: others, join: close.commandId };
  }
  const reopen = unsent(incident, 'reopen');
  // It was to be opened again and never was: it is closed still.
  if (reopen && !incident.pending.some((command) => command.wasSent))
    return { ...NOTHING, incident: 'resolve', drop, outcome: 'self_healed' };
  return { ...NOTHING, incident: 'resolve', drop, add: 'close' };
}

/** It came back after it was resolved. */
function back(incident: FoldedIncident, severity: Severity): Fold {
  const close = unsent(incident, 'close');
  if (close) return { ...NOTHING, incident: 'reopen', severity, drop: [close.commandId], add: 'note' };
  const isWritten = incident.hasTicket || incident.pending.some((command) => command.wasSent);
  if (isWritten && incident.isReopenable) return { ...NOTHING, incident: 'reopen', severity, add: 'reopen' };
  return { ...NOTHING, incident: 'new', severity, add: 'create' };
}

/** Ids of events sort by time; what people do by hand has an id of another kind, and is newer than any event. */
const isNewer = (eventId: string, than: string): boolean => than.charAt(14) === '7' && eventId > than;

/**
 * The same event once more: what waits is waited for, the ticket that is there gets a note, and no second one is
 * opened (F19). Null where the event is new to the incident.
 */
function reprocessed(incident: FoldedIncident, { eventId, severity }: FoldedRequest): Fold | null {
  if (incident.state === 'resolved')
    return isNewer(eventId, incident.lastEventId) ? null : { ...NOTHING, outcome: 'already_resolved' };
  const waiting = incident.pending.at(-1);
  if (waiting) return { ...NOTHING, join: waiting.commandId };
  return incident.hasTicket ? again(incident, severity) : null;
}

/** Folds one request into the newest incident of its key. Pure. */
export function fold(incident: FoldedIncident | null, request: FoldedRequest): Fold {
  const repeat =
    request.isReprocessed && request.intent === 'raise' && incident ? reprocessed(incident, request) : null;
  if (repeat) return repeat;
  const decision = decideTicket(incident, request);
  if (decision.kind === 'ignore') {
    const outcome = decision.reason === 'same_event' ? 'same_event' : 'nothing_open';
    // Another rule's request of this event: it waits for what that one set going.
    const last = outcome === 'same_event' ? incident?.pending.at(-1) : undefined;
    return { ...NOTHING, outcome: last ? null : outcome, join: last?.commandId ?? null };
  }
  if (!incident || decision.kind === 'open')
    return { ...NOTHING, incident: 'new', severity: request.severity, add: 'create' };
  if (decision.kind === 'resolve') return healed(incident);
  return decision.kind === 'reopen_or_new'
    ? back(incident, request.severity)
    : again(incident, request.severity);
}
