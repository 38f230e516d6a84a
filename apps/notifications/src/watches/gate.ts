import { resolves } from '@backhaul/domain';
import type { Provider, TicketRequestPayload } from '@backhaul/messaging';
import type { Gathering } from '../outages/outage.js';
import { heldForOutage, heldForTicket } from '../outages/outage-words.js';
import type { KnownEvent } from '../requests/event-decision.js';
import type { Raised } from '../requests/raised-book.js';
import type { Rule } from '../rules/rule.js';
import { type Facts, type Quiet, wordsOf } from '../silences/silence.js';
import { afterFailure, afterSuccess, type Course, holdOf, needsCourse, UNKNOWN_COURSE } from './course.js';
import type { WatchBook } from './watch-book.js';

export interface Held {
  reason: string;
  message: string;
  /** When to look again, milliseconds since 1970; null: the next failure decides. */
  untilMs: number | null;
  /** It is looked at beside the other problems of the customer. */
  gathering?: Gathering;
}

/** Why a rule asks for no ticket of this problem at `atMs`, though it matches; null: it asks. */
export function heldBack(rule: Rule, course: Course, quiet: Quiet | null, atMs: number): Held | null {
  if (quiet !== null) return { ...wordsOf(quiet), untilMs: quiet.untilMs };
  return holdOf(rule, course, atMs);
}

/**
 * Stands between a rule that matches and the ticket it asks for. It only ever holds back what would be opened: what ends
 * passes by it. Pure but for `book`.
 */
export class Gate {
  private readonly atMs: number;
  /** Rules for which this event is a problem. */
  private readonly failing = new Set<string>();

  constructor(
    private readonly event: KnownEvent,
    private readonly book: WatchBook,
    readonly quiet: Quiet | null,
    /** Somebody asked for it: then only a silence still holds it back, and it counts as no failure. */
    private readonly isAskedFor: boolean,
  ) {
    this.atMs = Date.parse(event.receivedAt);
  }

  /**
   * Counts the failure and answers why it asks for nothing, if so.
   * @param open what the rule has asked for before: then only a silence holds back what is to be noted
   */
  pass(rule: Rule, incidentKey: string, open: Raised | null): Held | null {
    this.failing.add(rule.id);
    const identity = { incidentKey, ruleId: rule.id };
    const known = this.book.courseOf(identity);
    const course = this.isAskedFor ? known : afterFailure(known, this.atMs);
    const options = open || this.isAskedFor ? { after: null, flapping: null } : rule;
    const held =
      heldBack({ ...rule, ...options }, course, this.quiet, this.atMs) ??
      this.gather(rule, incidentKey, open);
    this.keep(rule, incidentKey, needsCourse(rule) ? course : UNKNOWN_COURSE);
    return held;
  }

  /** Keeps the request for when its time comes. */
  withhold(rule: Rule, provider: Provider, request: TicketRequestPayload, held: Held): void {
    const { incidentKey } = request;
    const course = this.book.courseOf({ incidentKey, ruleId: rule.id });
    const { reason, untilMs: dueAtMs, gathering = null } = held;
    const withheld = { provider, request, facts: factsOf(this.event), reason, dueAtMs, gathering };
    this.book.put({ ...this.watchOf(rule, incidentKey, course), withheld });
  }

  /** What the event ends is no longer waited for. */
  heal(keys: readonly string[]): void {
    const { type, outcome } = this.event;
    for (const watch of keys.flatMap((key) => this.book.at(key))) {
      if (this.failing.has(watch.ruleId) || !resolves(type, outcome.severity, watch.eventType)) continue;
      this.book.put({ ...watch, course: afterSuccess(watch.course, this.atMs), withheld: null });
    }
  }

  /** Who asks for an outage's ticket sees all accounts of the customer, and is to look at once. */
  private gather(rule: Rule, incidentKey: string, open: Raised | null): Held | null {
    const { atMs: sinceMs, atMs: untilMs } = this;
    if (open !== null) {
      const custId = open.siteCustId;
      if (custId === null) return null;
      return { ...heldForTicket(), untilMs, gathering: { custId, sinceMs, untilMs } };
    }
    if (rule.siteOutage === null) return null;
    const { customerId: custId } = this.event.tenant;
    const known = this.book.gatheringOf({ incidentKey, ruleId: rule.id });
    // Who asks for it waits for nobody, and gets no second ticket where an outage stands.
    const fresh = { custId, sinceMs, untilMs: this.isAskedFor ? untilMs : null };
    const gathering = known?.custId === custId && !this.isAskedFor ? known : fresh;
    return { ...heldForOutage(rule.siteOutage), untilMs, gathering };
  }

  private keep(rule: Rule, incidentKey: string, course: Course): void {
    this.book.put(this.watchOf(rule, incidentKey, course));
  }

  private watchOf(rule: Rule, incidentKey: string, course: Course) {
    const { type: eventType, tenant } = this.event;
    const { partnerId, accountNo } = tenant;
    return { incidentKey, ruleId: rule.id, partnerId, accountNo, eventType, course, withheld: null };
  }
}

function factsOf({ type, receivedAt, tenant, outcome, identity, job }: KnownEvent): Facts {
  const { partnerId, brandId, customerId, accountNo } = tenant;
  return {
    type,
    receivedAt,
    tenant: { partnerId, brandId, customerId, accountNo },
    outcome: { severity: outcome.severity },
    identity: { hostName: identity.hostName },
    job: { nativeJobId: job.nativeJobId, jobName: job.jobName },
  };
}
