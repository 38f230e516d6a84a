import {
  type AccountNo, type CanonicalEvent, type CustomerId, keysResolvedBy, raisesProblem, resolves,
  toWellFormedText, uuidFrom,
} from '@backhaul/domain'; // prettier-ignore
import type { DecidedAction, Provider, SyncRequestPayload, TicketRequestPayload } from '@backhaul/messaging';
import { ACTION_KIND, type Rule, TICKET_ACTION } from '../rules/rule.js';
import type { Gate } from '../watches/gate.js';
import type { DeliveryDraft } from '../webhooks/delivery.entity.js';
import { heldForTicket } from '../outages/outage-words.js';
import { wordsOf } from '../silences/silence.js';
import { draftOf, LATE, reasonNotToTell, type Why } from './tellings.js';
import type { Raised, RaisedBook } from './raised-book.js';

const LONGEST_MESSAGE = 4000;
/** What is asked of an event, beside what it says itself. */
export interface Circumstances {
  /** A newer result of the same job was known already. */
  isLate: boolean;
  /** Set where somebody asked that the rules act once more. */
  operationId?: string | undefined;
  /** Holds back what is not to be opened; without it all is opened at once. */
  gate?: Gate;
}

/** An event of an account that is known, to which rules may be applied. */
export interface KnownEvent extends CanonicalEvent {
  tenant: CanonicalEvent['tenant'] & { accountNo: AccountNo; customerId: CustomerId };
}

export interface EventDecision {
  tickets: { provider: Provider; request: TicketRequestPayload }[];
  syncs: { provider: Provider; request: SyncRequestPayload }[];
  /** Rules' questions for mail; whether somebody can be written to is not known here. */
  mails: RuleRequest[];
  /** Calls that rules of action `webhook` ask for. */
  webhooks: DeliveryDraft[];
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
  private readonly gate: Gate | undefined;
  private readonly decision: EventDecision = { tickets: [], syncs: [], mails: [], webhooks: [], actions: [] };

  constructor(
    private readonly event: KnownEvent,
    { isLate, operationId, gate }: Circumstances,
    private readonly book: RaisedBook,
    private readonly keys = keysResolvedBy(event),
  ) {
    [this.ownKey] = keys;
    this.isLate = isLate;
    this.operationId = operationId;
    this.gate = gate;
    const { phase } = event.outcome;
    this.isRunning = phase === 'started' || phase === 'progress';
  }

  decide(rules: readonly Rule[]): EventDecision {
    // Progress says nothing that anybody could act on (domain 3.2); a dry run neither saved nor lost anything.
    this.hear();
    const { phase, dryRun } = this.event.outcome;
    if (phase === 'progress' || dryRun) return this.decision;
    const raising = this.applyRules(rules);
    this.resolve(raising);
    return this.decision;
  }

  /** Whatever it says, and whatever the rules make of it: of these problems something was heard. */
  private hear(): void {
    for (const key of this.keys) for (const raised of this.book.at(key)) this.book.hear(raised);
  }

  /** Answers at which providers the event is a problem for some rule. */
  private applyRules(rules: readonly Rule[]): Set<Provider> {
    const raising = new Set<Provider>();
    for (const rule of rules) {
      const action = ACTION_KIND[rule.action];
      if (action.kind === 'webhook' || action.kind === 'email') this.tell(rule, action.kind);
      else if (action.kind === 'sync') this.sync(rule, action.provider);
      else if (!this.isRunning && this.raise(rule, action.provider)) raising.add(action.provider);
    }
    return raising;
  }

  /** Answers whether the event is a problem of which a ticket tells. */
  private raise(rule: Rule, provider: Provider): boolean {
    const { type, outcome } = this.event;
    const isProblem = raisesProblem(type, outcome.severity);
    const incidentKey = isProblem ? this.ownKey : goodNewsKeyOf(this.ownKey);
    const ask = { ruleId: rule.id, ruleName: rule.name, provider, incidentKey, intent: 'raise' } as const;
    if (this.isLate || !this.gate) return this.ask(ask) && isProblem && this.remember(ask);
    if (!isProblem) {
      if (this.gate.quiet === null) this.ask(ask);
      else this.hold(ask, wordsOf(this.gate.quiet));
      return false;
    }
    const open = this.book.openOf(ask);
    const held = this.gate.pass(rule, incidentKey, open);
    if (held === null) return this.ask(ask) && this.remember(ask);
    this.hold(ask, held);
    // The ticket that is open stays so without a note; the one that is not waits.
    if (open === null || held.gathering) this.gate.withhold(rule, provider, this.requestOf(ask), held);
    return open !== null && this.remember(ask);
  }

  private remember(ask: TicketAsk): true {
    const { ruleId, ruleName, provider, incidentKey } = ask;
    const { type: eventType, tenant } = this.event;
    const { partnerId, accountNo } = tenant;
    const siteCustId = this.book.openOf(ask)?.siteCustId ?? null;
    this.book.raise({
      ruleId, ruleName, provider, incidentKey, partnerId, accountNo, eventType, siteCustId,
    }); // prettier-ignore
    return true;
  }

  /** What was raised ends, whatever the rules say now; but not what the same event is still a problem for. */
  private resolve(raising: ReadonlySet<Provider>): void {
    const { type, outcome } = this.event;
    if (this.isRunning) return;
    if (!this.isLate) this.gate?.heal(this.keys);
    for (const key of this.keys) {
      for (const raised of this.book.at(key)) {
        if (!resolves(type, outcome.severity, raised.eventType)) continue;
        if (key === this.ownKey && raising.has(raised.provider)) continue;
        if (raised.siteCustId === null || this.isLate) this.ask({ ...raised, intent: 'resolve' });
        else this.leave(raised, raised.siteCustId);
        if (!this.isLate) this.book.clear(raised);
      }
    }
  }

  /** Its ticket is that of the outage, which ends with the last of its problems: who sees all of them asks for that. */
  private leave(raised: Raised, custId: CustomerId): void {
    const ask = { ...raised, intent: 'resolve' } as const;
    const request = this.requestOf(ask);
    this.hold(ask, heldForTicket());
    const { ruleId, partnerId } = raised;
    this.book.leave({ leaverId: request.requestId, ruleId, custId, partnerId, request });
  }

  /** Answers whether it was asked for. */
  private ask(ask: TicketAsk): boolean {
    const request = this.requestOf(ask);
    const { provider } = ask;
    if (this.isLate) {
      this.skip(request, TICKET_ACTION[provider], LATE);
      return false;
    }
    this.decision.tickets.push({ provider, request });
    this.pending(request, TICKET_ACTION[provider]);
    return true;
  }

  private hold(ask: TicketAsk, held: Why): void {
    this.skip(this.requestOf(ask), TICKET_ACTION[ask.provider], held);
  }

  private requestOf({ ruleId, ruleName, provider, incidentKey, intent }: TicketAsk): TicketRequestPayload {
    const { event } = this;
    const extraKey = incidentKey === this.ownKey ? undefined : incidentKey;
    return {
      requestId: this.requestIdOf(ruleId, provider, extraKey),
      ruleId,
      ruleName,
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

  private tell(rule: Rule, kind: 'email' | 'webhook'): void {
    const ref = { requestId: this.requestIdOf(rule.id, rule.action), ruleId: rule.id, ruleName: rule.name };
    const why = this.isLate ? LATE : reasonNotToTell(rule, this.event, this.gate?.quiet);
    if (why) return this.skip(ref, rule.action, why);
    if (kind === 'email') this.decision.mails.push(ref);
    else this.decision.webhooks.push(draftOf(rule, this.event, ref.requestId, this.operationId));
    this.pending(ref, rule.action);
  }

  private pending({ requestId, ruleId, ruleName }: RuleRequest, action: string): void {
    const about = { requestId, ruleId, ruleName, action };
    this.decision.actions.push({ ...about, state: 'pending', reason: null, message: null });
  }

  private skip({ requestId, ruleId, ruleName }: RuleRequest, action: string, why: Why): void {
    const { reason, message } = why;
    this.decision.actions.push({ requestId, ruleId, ruleName, action, state: 'skipped', reason, message });
  }
}
