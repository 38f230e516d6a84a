import { keysResolvedBy, type CanonicalEvent } from '@backhaul/domain';
import { EventDecider, type KnownEvent } from '../requests/event-decision.js';
import { RaisedBook } from '../requests/raised-book.js';
import type { BrandPaths } from '../rules/rule-index.js';
import { RuleIndex } from '../rules/rule-index.js';
import { ACTION_KIND, type Rule } from '../rules/rule.js';
import { needsCourse } from '../watches/course.js';
import { Gate, heldBack } from '../watches/gate.js';
import { type Watch, WatchBook, type Withheld } from '../watches/watch-book.js';
import { Found, type Preview } from './preview.js';

/** Whether what the rule does depends on how a problem went, so that its events must be met one by one. */
export const mustRehearse = (rule: Rule): boolean =>
  ACTION_KIND[rule.action].kind === 'ticket' && needsCourse(rule);

type Waiting = Watch & { withheld: Withheld };

/**
 * Lets a rule that waits (`after`, `flapping`) meet the events of a window in the order of their receipt, by the code that
 * meets them in earnest; all problems begin with the window. Silences are left out. Pure memory.
 */
export class Rehearsal {
  private readonly index = new RuleIndex();
  private readonly watches = new WatchBook();
  private readonly raised = new RaisedBook([]);
  private readonly heldIds = new Set<string>();
  private readonly seen: CanonicalEvent[] = [];
  private readonly waitingKeys = new Set<string>();
  /** No withheld ticket is due before. */
  private nextDueMs = Infinity;

  constructor(
    private readonly rule: Rule,
    paths: BrandPaths,
    private readonly endMs: number,
    private readonly mostExamples: number,
  ) {
    this.index.replace(rule.partnerId, [rule], paths);
  }

  /** Newest first, as the log tells them. */
  add(event: CanonicalEvent): void {
    this.seen.push({ ...event, issues: event.issues.slice(0, 1) });
  }

  finish(): Preview {
    const found = new Found(this.mostExamples);
    const acted: CanonicalEvent[] = [];
    const byId = new Map(this.seen.map((event) => [event.eventId as string, event]));
    const act = (eventId: string): void => {
      const event = byId.get(eventId);
      if (event) acted.push(event);
    };
    for (const event of this.seen.toReversed()) {
      this.settle(Date.parse(event.receivedAt), act);
      if (isKnown(event) && this.meet(event)) act(event.eventId);
    }
    this.settle(this.endMs, act);
    for (const event of acted.sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1))) found.add(event);
    return { ...found.found, held: this.heldIds.size };
  }

  /** Answers whether the rule asks for a ticket, or for a note on the one that stands. */
  private meet(event: KnownEvent): boolean {
    const rules = this.index.matching(event, true);
    const gate = new Gate(event, this.watches, null, false);
    const { tickets, actions } = new EventDecider(event, { isLate: false, gate }, this.raised).decide(rules);
    if (actions.some(({ state }) => state === 'skipped')) this.heldIds.add(event.eventId);
    const [ownKey] = keysResolvedBy(event);
    for (const { withheld } of this.watches.at(ownKey)) {
      if (!withheld) continue;
      this.waitingKeys.add(ownKey);
      this.nextDueMs = Math.min(this.nextDueMs, withheld.dueAtMs ?? Infinity);
    }
    return tickets.some(({ request }) => request.intent === 'raise');
  }

  /** Asks for what was withheld and has come due by then, as the timer does. */
  private settle(nowMs: number, act: (eventId: string) => void): void {
    if (nowMs < this.nextDueMs) return;
    this.nextDueMs = Infinity;
    for (const key of this.waitingKeys) {
      const waiting = this.watches.at(key).filter(isWaiting);
      if (waiting.length === 0) this.waitingKeys.delete(key);
      for (const watch of waiting) this.judge(watch, nowMs, act);
    }
  }

  private judge(watch: Waiting, nowMs: number, act: (eventId: string) => void): void {
    const { withheld } = watch;
    const { dueAtMs, provider, request } = withheld;
    if (dueAtMs === null) return;
    if (dueAtMs > nowMs) return void (this.nextDueMs = Math.min(this.nextDueMs, dueAtMs));
    const held = heldBack(this.rule, watch.course, null, dueAtMs);
    if (held !== null) {
      this.watches.put({ ...watch, withheld: { ...withheld, dueAtMs: held.untilMs } });
      return this.judge({ ...watch, withheld: { ...withheld, dueAtMs: held.untilMs } }, nowMs, act);
    }
    this.watches.put({ ...watch, withheld: null });
    this.raised.raise({ ...watch, provider, ruleName: request.ruleName, siteCustId: null });
    this.heldIds.delete(request.eventId);
    act(request.eventId);
  }
}

const isWaiting = (watch: Watch): watch is Waiting => watch.withheld !== null;

const isKnown = (event: CanonicalEvent): event is KnownEvent =>
  event.tenant.accountNo !== null && event.tenant.customerId !== null;
