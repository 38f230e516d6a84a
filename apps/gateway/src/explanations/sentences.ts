import type { AskedEvent, ExplainedAction, ExplainedIncident, ExplainedWait } from './explanation.types.js';

export interface Parts {
  event: AskedEvent;
  /** Null while notifications cannot be asked. */
  rules: { matching: number; others: number } | null;
  incidents: readonly ExplainedIncident[];
  waits: readonly ExplainedWait[];
}

const NAMES: Record<string, string> = { connectwise: 'ConnectWise', autotask: 'Autotask' };
const nameOf = (provider: string): string => NAMES[provider] ?? provider;
const rulesThat = (count: number, one: string, many: string): string =>
  count === 1 ? `1 rule ${one}` : `${count} rules ${many}`;
const STATES: Record<string, string> = {
  pending: 'is under way',
  done: 'is done',
  skipped: 'was left out',
  failed: 'failed',
  superseded: 'was overtaken',
};

/** Why nothing can be asked of the event, whatever the rules; null where something can. */
function barrierOf({ tenant, outcome }: AskedEvent): string | null {
  if (tenant.accountNo === null) return 'It belongs to no account yet: assign it, and the rules act on it.';
  if (outcome.dryRun) return 'It was a dry run, which starts nothing.';
  return outcome.phase === 'progress' ? 'It tells of progress, which starts nothing.' : null;
}

function actionSentence({ ruleName, action, state, reason, message, ticketNumber }: ExplainedAction): string {
  const said = message ?? (reason === null ? '' : `Reason: ${reason}.`);
  const ticket = ticketNumber === undefined ? '' : ` Ticket ${ticketNumber}.`;
  const rule = ruleName === '' ? '' : `, asked for by the rule “${ruleName}”,`;
  return `The action ${action}${rule} ${STATES[state] ?? state}.${said === '' ? '' : ` ${said}`}${ticket}`;
}

function incidentSentence({ provider, id, state, isOpenedByIt, ticket }: ExplainedIncident): string {
  const what = isOpenedByIt ? 'It opened' : 'It was added to';
  const where =
    ticket === null
      ? 'which has no ticket yet'
      : `whose ticket ${ticket.number} is ${ticket.state ?? 'known'}`;
  return `${what} the problem ${id} at ${nameOf(provider)}, ${where}; the problem is ${state}.`;
}

const waitSentence = ({ provider, waitingSince, text, field }: ExplainedWait): string =>
  `Work for ${nameOf(provider)} waits${waitingSince === null ? '' : ` since ${waitingSince}`}: ${text}${field === null ? '' : ` (${field})`}`;

/** What happened to an event, in order, in plain sentences. Pure. */
export function sentencesOf({ event, rules, incidents, waits }: Parts): string[] {
  const { type, outcome, receivedAt, tenant, actions, state } = event;
  const whose = tenant.accountNo === null ? '' : ` for account ${tenant.accountNo}`;
  const barrier = barrierOf(event);
  return [
    `${type} (${outcome.severity}) arrived at ${receivedAt}${whose}.`,
    ...(barrier === null ? [] : [barrier]),
    ...(rules === null
      ? []
      : [
          `As they read now, ${rulesThat(rules.matching, 'matches', 'match')} it and ${rulesThat(rules.others, 'does', 'do')} not.`,
        ]),
    ...(actions.length === 0 && barrier === null
      ? [state === 'processed' ? 'The rules asked for nothing.' : 'The rules have not spoken of it yet.']
      : []),
    ...actions.map(actionSentence),
    ...incidents.map(incidentSentence),
    ...waits.map(waitSentence),
  ];
}

const isTicket = ({ action }: ExplainedAction): boolean => action.startsWith('open_');

/** The answer to “why was this ticketed, or not?” in one sentence. Pure. */
export function summaryOf({ event, waits }: Pick<Parts, 'event' | 'waits'>): string {
  const tickets = event.actions.filter(isTicket);
  const done = tickets.find(({ state, ticketNumber }) => state === 'done' && ticketNumber !== undefined);
  if (done) {
    const { reason, ticketNumber, provider, ruleName } = done;
    const rule = ruleName === '' ? '' : ` by the rule “${ruleName}”`;
    return `Ticketed${rule}: ticket ${ticketNumber} of ${nameOf(provider ?? '')} (${reason ?? 'done'}).`;
  }
  const barrier = barrierOf(event);
  if (barrier !== null) return `Not ticketed. ${barrier}`;
  const pending = tickets.find(({ state }) => state === 'pending');
  if (pending) return `Not ticketed yet. ${waits[0]?.text ?? 'It is under way.'}`;
  const failed = tickets.find(({ state }) => state === 'failed');
  if (failed) return `Not ticketed: ${failed.message ?? failed.reason ?? 'it failed'}`;
  const [left] = tickets;
  if (left) return `Not ticketed: ${left.message ?? left.reason ?? 'it was left out'}`;
  if (event.state !== 'processed' && event.actions.length === 0)
    return 'Not ticketed yet: the rules have not spoken of it.';
  return 'Not ticketed: no rule that opens tickets matched it.';
}
