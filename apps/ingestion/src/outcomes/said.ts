import type {
  DecidedAction,
  MailOutcomePayload,
  NotificationDecisionPayload,
  Provider,
  SyncOutcomePayload,
  TicketOutcomePayload,
} from '@backhaul/messaging';

/** What one row of a decision or an outcome says; columns in the order of the insert. */
export interface Said {
  eventId: string;
  requestId: string;
  partnerId: string;
  ruleId: string;
  ruleName: string | null;
  action: string | null;
  state: string;
  reason: string | null;
  message: string | null;
  provider: string | null;
  ticketId: string | null;
  ticketNumber: string | null;
  at: string;
  operationId: string | null;
}

const NO_TICKET = { ticketId: null, ticketNumber: null, provider: null };
/** By the decision: an outcome need not say it again. */
const ASKED_BEFORE = { ruleName: null, operationId: null };

/** The line's exact words (F25, F31). */
const WITHIN_WINDOW: Record<Provider, string> = {
  connectwise: 'Skipping ConnectWise synchronization (only updating every 12 hours).',
  autotask: 'Skipping Autotask synchronization (only updating every 12 hours).',
};

export function saidByDecision(
  { eventId, partnerId, at, operationId }: NotificationDecisionPayload,
  { requestId, ruleId, ruleName, action, state, reason, message }: DecidedAction,
): Said {
  const asked = { eventId, requestId, partnerId, ruleId, ruleName, action };
  return { ...asked, ...NO_TICKET, state, reason, message, at, operationId: operationId ?? null };
}

export function saidByTicket(outcome: TicketOutcomePayload): Said {
  return { ...ASKED_BEFORE, ...outcome, action: `open_${outcome.provider}_ticket` };
}

export function saidByMail(outcome: MailOutcomePayload): Said {
  return { ...ASKED_BEFORE, ...NO_TICKET, ...outcome, action: 'email' };
}

export function saidBySync(outcome: SyncOutcomePayload): Said {
  const { provider, reason, message } = outcome;
  const said = reason === 'within_window' ? WITHIN_WINDOW[provider] : message;
  return { ...ASKED_BEFORE, ...NO_TICKET, ...outcome, message: said, action: `sync_${provider}` };
}
