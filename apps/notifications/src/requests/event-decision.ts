import {
  type AccountNo, type CanonicalEvent, type CustomerId, keysResolvedBy, raisesProblem, resolves,
  toWellFormedText, uuidFrom,
} from '@backhaul/domain'; // prettier-ignore
import type { DecidedAction, Provider, SyncRequestPayload, TicketRequestPayload } from '@backhaul/messaging';
import { ACTION_KIND, type Rule, TICKET_ACTION } from '../rules/rule.js';
import { isOption } from '../options/options.js';
import type { Raised, RaisedBook } from './raised-book.js';

const LONGEST_MESSAGE = 4000;
/** What is asked of an event, beside what it says itself. */
export interface Circumstances {
  /** A newer result of the same job was known already. */
  isLate: boolean;
  /** Set where somebody asked that the rules act once more. */
  operationId?: string | undefined;
}

const LATE = 'A newer result of the same job was known already.';

/** An event of an account that is known, to which rules may be applied. */
export interface KnownEvent extends CanonicalEvent {
  tenant: CanonicalEvent['tenant'] & { accountNo: AccountNo; customerId: CustomerId };
}

export interface EventDecision {
  tickets: { provider: Provider; request: TicketRequestPayload }[];
  syncs: { provider: Provider; request: SyncRequestPayload }[];
  /** Rules' questions for mail; whether somebody can be written to is not known here. */
  mails: RuleRequest[];
  actions: DecidedAction[];
}

type RuleRef = Pick<Raised, 'ruleId' | 'ruleName'>;
export type RuleRequest = Pick<DecidedAction, 'requestId' | 'ruleId' | 'ruleName'>;
interface TicketAsk extends RuleRef {
  provider: Provider;
  incidentKey: string;
  intent: TicketRequestPayload['intent'];
}

function subjectOf(event: KnownEvent): TicketRequestPayload['subject'] {
  const message = event.outcome.message ?? event.issues.at(0)?.message ?? null;
  return {
    eventType: event.type,
    hostName: event.identity.hostName,
    jobName: event.job.jobName ?? event.job.nativeJobId,
    agent: event.source.agent,
    status: event.outcome.status,
    message: message === null ? null : toWellFormedText(message.slice(0, LONGEST_MESSAGE)),
  };
}

/** Good news that a rule wants as a ticket stands apart from problems: it ends none, and none ends it. */
const goodNewsKeyOf = (ownKey: string): string => `${ownKey}#ok`;

/** What the rules make of one event. Pure but for `book`, in which it notes what it raised and ended. */
export class EventDecider {
  private readonly ownKey: string;
  private readonly isRunning: boolean;
  private readonly isLate: boolean;
  private readonly operationId: string | undefined;
  private readonly decision: EventDecision = { tickets: [], syncs: [], mails: [], actions: [] };

  constructor(
    private readonly event: KnownEvent,
    { isLate, operationId }: Circumstances,
    private readonly book: RaisedBook,
    private readonly keys = keysResolvedBy(event),
  ) {
    [this.ownKey] = keys;
    this.isLate = isLate;
    this.operationId = operationId;
    const { phase } = event.outcome;
    this.isRunning = phase === 'started' || phase === 'progress';
  }

  decide(rules: readonly Rule[]): EventDecision {
    // Progress says nothing that anybody could act on (domain 3.2); a dry run neither saved nor lost anything.
    const { phase, dryRun } = this.event.outcome;
    if (phase === 'progress' || dryRun) return this.decision;
    const raising = this.applyRules(rules);
    this.resolve(raising);
    return this.decision;
  }

  /** Answers at which providers the event is a problem for some rule. */
  private applyRules(rules: readonly Rule[]): Set<Provider> {
    const raising = new Set<Provider>();
    for (const rule of rules) {
      const action = ACTION_KIND[rule.action];
      if (action.kind === 'webhook')
        this.skip(rule, 'not_available_yet', 'This kind of action is not available yet.');
      else if (action.kind === 'email') this.mail(rule);
      else if (action.kind === 'sync') this.sync(rule, action.provider);
      else if (!this.isRunning && this.raise(rule, action.provider)) raising.add(action.provider);
    }
    return raising;
  }

  private raise(rule: Rule, provider: Provider): boolean {
    const { type, outcome, tenant } = this.event;
    const isProblem = raisesProblem(type, outcome.severity);
    const incidentKey = isProblem ? this.ownKey : goodNewsKeyOf(this.ownKey);
    const ref = { ruleId: rule.id, ruleName: rule.name };
    this.ask({ ...ref, provider, incidentKey, intent: 'raise' });
    if (!isProblem || this.isLate) return false;
    this.book.raise({
      ...ref,
      partnerId: tenant.partnerId,
      accountNo: tenant.accountNo,
      incidentKey,
      provider,
      eventType: type,
    });
    return true;
  }

  /** What was raised ends, whatever the rules say now; but not what the same event is still a problem for. */
  private resolve(raising: ReadonlySet<Provider>): void {
    const { type, outcome } = this.event;
    if (this.isRunning) return;
    for (const key of this.keys) {
      for (const raised of this.book.at(key)) {
        if (!resolves(type, outcome.severity, raised.eventType)) continue;
        if (key === this.ownKey && raising.has(raised.provider)) continue;
        this.ask({ ...raised, intent: 'resolve' });
        if (!this.isLate) this.book.clear(raised);
      }
    }
  }

  private ask({ ruleId, ruleName, provider, incidentKey, intent }: TicketAsk): void {
    const { event } = this;
    const action = TICKET_ACTION[provider];
    const extraKey = incidentKey === this.ownKey ? undefined : incidentKey;
    const requestId = this.requestIdOf(ruleId, provider, extraKey);
    const ref = { requestId, ruleId, ruleName };
    if (this.isLate) {
      this.decision.actions.push({ ...ref, action, state: 'skipped', reason: 'late', message: LATE });
      return;
    }
    const request = {
      ...ref,
      eventId: event.eventId,
      partnerId: event.tenant.partnerId,
      custId: event.tenant.customerId,
      accountNo: event.tenant.accountNo,
      incidentKey,
      intent,
      severity: event.outcome.severity,
      occurredAt: event.occurredAt,
      subject: subjectOf(event),
      ...(this.operationId !== undefined && { operationId: this.operationId }),
    };
    this.decision.tickets.push({ provider, request });
    this.pending(ref, action);
  }

  /**
   * One rule's request about one event has one id, whoever computes it, whenever; a second key of the event adds to it,
   * and so does reprocessing.
   */
  private requestIdOf(ruleId: string, provider: string, extraKey?: string): string {
    const more = [extraKey, this.operationId].filter((part) => part !== undefined);
    return uuidFrom(this.event.eventId, ruleId, provider, ...more);
  }

  private sync(rule: Rule, provider: Provider): void {
    const { event } = this;
    const ref = { requestId: this.requestIdOf(rule.id, provider), ruleId: rule.id, ruleName: rule.name };
    const request = {
      ...ref,
      eventId: event.eventId,
      partnerId: event.tenant.partnerId,
      custId: event.tenant.customerId,
      accountNo: event.tenant.accountNo,
      occurredAt: event.occurredAt,
      ...(this.operationId !== undefined && { isForced: true }),
    };
    this.decision.syncs.push({ provider, request });
    this.pending(ref, rule.action);
  }

  private mail(rule: Rule): void {
    if (this.isLate) return this.skip(rule, 'late', LATE);
    if (!isOption(this.event.type))
      return this.skip(rule, 'not_mailable', 'Nobody is mailed about events of this type.');
    const ref = { requestId: this.requestIdOf(rule.id, rule.action), ruleId: rule.id, ruleName: rule.name };
    this.decision.mails.push(ref);
    this.pending(ref, rule.action);
  }

  private pending(ref: RuleRequest, action: string): void {
    this.decision.actions.push({ ...ref, action, state: 'pending', reason: null, message: null });
  }

  private skip(rule: Rule, reason: string, message: string): void {
    this.decision.actions.push({
      requestId: this.requestIdOf(rule.id, rule.action),
      ruleId: rule.id,
      ruleName: rule.name,
      action: rule.action,
      state: 'skipped',
      reason,
      message,
    });
  }
}
