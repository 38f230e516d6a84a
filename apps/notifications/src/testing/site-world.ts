import { keysResolvedBy } from '@backhaul/domain';
import type { TicketRequestPayload } from '@backhaul/messaging';
import type { Site } from '../outages/outage.js';
import { SILENT_DAYS, SPEAKING_TYPES } from '../outages/silence.js';
import { settleSite, verdictOn, type Waiting } from '../outages/settlement.js';
import { EventDecider } from '../requests/event-decision.js';
import { type Leaver, type Raised, RaisedBook } from '../requests/raised-book.js';
import { RuleIndex } from '../rules/rule-index.js';
import type { Rule } from '../rules/rule.js';
import { Gate } from '../watches/gate.js';
import { type Watch, WatchBook } from '../watches/watch-book.js';
import { buildKnownEvent, CUSTOMER, type EventIn, PARTNER } from './builders.js';
import { TicketDesk } from './ticket-desk.js';

const DAY_MS = 24 * 3_600_000;

/** What a rule and one customer go through, in memory, by the code that decides in earnest. */
export class SiteWorld {
  readonly desk = new TicketDesk();
  readonly site: Site;
  private readonly index = new RuleIndex();
  private readonly watches = new WatchBook();
  private readonly raised = new RaisedBook([]);
  private readonly keys = new Set<string>();
  private readonly heardMs = new Map<string, number>();
  private taken = 0;

  constructor(rule: Rule) {
    this.site = { ruleId: rule.id, custId: CUSTOMER, partnerId: PARTNER, standing: null };
    this.change(rule);
  } // prettier-ignore

  change(rule: Rule): void {
    this.index.replace(PARTNER, [rule]);
  }

  happens(over: EventIn): void {
    const event = buildKnownEvent(over);
    const keys = keysResolvedBy(event);
    for (const key of keys) {
      this.keys.add(key);
      this.heardMs.set(key, Date.parse(event.receivedAt));
    }
    this.desk.heard(event.eventId, keys[0]);
    if (event.outcome.severity === 'OK') this.desk.healed(keys[0]);
    const gate = new Gate(event, this.watches, null, false);
    const { tickets } = new EventDecider(event, { isLate: false, gate }, this.raised).decide(
      this.index.matching(event),
    );
    for (const { request } of tickets) this.desk.take(request);
  }

  /** Looks at all of the customer's problems. */
  look(nowMs: number): void {
    const waiting = this.all((key) => this.watches.at(key)).filter(isGathering);
    const { left } = this.raised.changes();
    const leavers: Leaver[] = left.slice(this.taken);
    this.taken = left.length;
    const silent = this.letGoSilent(nowMs);
    const members = this.open().filter((one) => one.siteCustId);
    const settled = settleSite(
      { site: { ...this.site }, waiting, members, leavers, silent },
      {
        judge: (watch, isMember) => {
          const matching = this.index.matching(watch.withheld.facts);
          return verdictOn(
            watch,
            matching.find(({ id }) => id === watch.ruleId),
            isMember,
            null,
            nowMs,
          );
        },
        now: new Date(nowMs),
        usernames: new Map(),
      },
    );
    this.site.standing = settled.standing;
    for (const watch of settled.watches) this.watches.put(watch);
    for (const one of settled.raised) {
      this.raised.raise(one);
      this.heardMs.set(one.incidentKey, nowMs);
    }
    for (const { request } of settled.asks) this.desk.take(request);
  }

  /** When something was last heard of the problem, in milliseconds since 1970. */
  heardOf(key: string): number {
    return this.heardMs.get(key) ?? 0;
  }

  private letGoSilent(nowMs: number): Raised[] {
    const before = nowMs - SILENT_DAYS * DAY_MS;
    const silent = this.open().filter(
      ({ siteCustId, incidentKey, eventType }) =>
        siteCustId !== null && this.heardOf(incidentKey) < before && SPEAKING_TYPES.includes(eventType),
    );
    for (const one of silent) {
      this.raised.clear(one);
      this.desk.healed(one.incidentKey);
    }
    return silent;
  }

  /** Problems that a ticket tells of. */
  open(): Raised[] {
    return this.all((key) => this.raised.at(key));
  }

  requests(): readonly TicketRequestPayload[] {
    return this.desk.taken;
  }

  private all<T>(at: (key: string) => T[]): T[] {
    return [...this.keys].flatMap(at);
  }
}

const isGathering = (watch: Watch): watch is Waiting => (watch.withheld?.gathering ?? null) !== null;
