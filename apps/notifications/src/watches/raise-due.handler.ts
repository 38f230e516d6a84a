import type { Clock, CustomerId } from '@backhaul/domain';
import {
  autotaskTicketRequests, connectwiseTicketRequests, crashPoint, type TicketRequestPayload,
} from '@backhaul/messaging'; // prettier-ignore
import {
  outboxMessage,
  type OutboxMessage,
  publishAll,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import { heldForOutage } from '../outages/outage-words.js';
import { type Raised, RaisedBook } from '../requests/raised-book.js';
import type { RaisedRepository } from '../requests/raised.repository.js';
import type { RuleBook } from '../rules/rule-book.js';
import { heldBack } from './gate.js';
import { type Watch, WatchBook, type Withheld } from './watch-book.js';
import type { WatchRepository } from './watch.repository.js';

const AT_ONCE = 200;
const TOPIC = { connectwise: connectwiseTicketRequests, autotask: autotaskTicketRequests } as const;

type Waiting = Watch & { withheld: Withheld };
type Verdict = 'raise' | 'drop' | Withheld;

/**
 * Asks for the tickets that were withheld, when their time has come and the problem still stands. Any number of
 * processes may do so at once: each watch is locked by who works on it, and by the consumer that meets its events.
 */
export class RaiseDueHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RuleBook,
    private readonly watches: WatchRepository,
    private readonly raised: RaisedRepository,
    private readonly clock: Clock,
  ) {}

  /** Answers how many were looked at; as many as `atOnce`: there may be more. */
  async handle(atOnce = AT_ONCE): Promise<number> {
    const count = await this.unitOfWork.run(async (tx) => {
      const now = this.clock.now();
      const due = (await this.watches.dueAcrossTenants(tx, now, atOnce)).filter(isWaiting);
      if (due.length === 0) return 0;
      await this.rules.refresh(tx);
      await this.settle(tx, due, now);
      crashPoint('notifications.due.before-commit');
      return due.length;
    });
    if (count > 0) crashPoint('notifications.due.after-commit');
    return count;
  }

  private async settle(tx: Tx, due: readonly Waiting[], now: Date): Promise<void> {
    const [watches, raised] = [new WatchBook(due), new RaisedBook([])];
    const messages: OutboxMessage[] = [];
    for (const watch of due) {
      const verdict = this.judge(watch, now.getTime());
      const withheld = typeof verdict === 'string' ? null : verdict;
      watches.put({ ...watch, withheld });
      if (verdict !== 'raise') continue;
      raised.raise(raisedOf(watch));
      messages.push(messageOf(watch.withheld, now));
    }
    await this.watches.write(tx, watches);
    await this.raised.write(tx, raised);
    await publishAll(tx, messages);
  }

  /** By the rules and silences of now. */
  private judge({ ruleId, course, withheld }: Waiting, nowMs: number): Verdict {
    const { facts } = withheld;
    const rule = this.rules.matching(facts).find(({ id }) => id === ruleId);
    if (!rule) return 'drop';
    const held = heldBack(rule, course, this.rules.quietAt(facts, nowMs), nowMs);
    if (held !== null) return { ...withheld, reason: held.reason, dueAtMs: held.untilMs };
    if (rule.siteOutage === null) return 'raise';
    // From now on it counts as part of an outage, if there is one.
    const gathering = { custId: withheld.request.custId as CustomerId, sinceMs: nowMs, untilMs: null };
    return { ...withheld, reason: heldForOutage(rule.siteOutage).reason, dueAtMs: nowMs, gathering };
  }
}

const isWaiting = (watch: Watch): watch is Waiting => watch.withheld !== null;

function raisedOf({ withheld: { request, provider }, ...watch }: Waiting): Raised {
  const { incidentKey, ruleId, partnerId, accountNo, eventType } = watch;
  const about = { incidentKey, ruleId, partnerId, accountNo, eventType };
  return { ...about, provider, ruleName: request.ruleName, siteCustId: null };
}

function messageOf({ provider, request }: Withheld, now: Date): OutboxMessage {
  const { requestId: id, eventId, partnerId } = request;
  const about = { correlationId: eventId, causationId: eventId, occurredAt: now.toISOString() };
  return outboxMessage<TicketRequestPayload>(TOPIC[provider], request, { id, partnerId, ...about });
}
