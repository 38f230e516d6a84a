import type { Clock } from '@backhaul/domain';
import { autotaskTicketRequests, connectwiseTicketRequests, crashPoint } from '@backhaul/messaging';
import {
  outboxMessage,
  type OutboxMessage,
  publishAll,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import { RaisedBook } from '../requests/raised-book.js';
import type { RaisedRepository } from '../requests/raised.repository.js';
import type { RuleBook } from '../rules/rule-book.js';
import { type Watch, WatchBook } from '../watches/watch-book.js';
import type { WatchRepository } from '../watches/watch.repository.js';
import type { Site } from './outage.js';
import type { TicketAsk } from './outage-asks.js';
import { namedOf } from './outage-words.js';
import type { OutageRepository } from './outage.repository.js';
import {
  type Settlement,
  settleSite,
  type SiteState,
  type Verdict,
  verdictOn,
  type Waiting,
} from './settlement.js';

const AT_ONCE = 20;
const TOPIC = { connectwise: connectwiseTicketRequests, autotask: autotaskTicketRequests } as const;

interface Repositories {
  outages: OutageRepository;
  watches: WatchRepository;
  raised: RaisedRepository;
}

/**
 * Alone asks for tickets of site outages, and for those of problems that waited for one. Any number of processes may do
 * so at once: who holds the row of a customer sees all of its problems.
 */
export class SettleOutagesHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RuleBook,
    private readonly repositories: Repositories,
    private readonly clock: Clock,
  ) {}

  /** Answers how many customers were looked at; as many as `atOnce`: there may be more. */
  async handle(atOnce = AT_ONCE): Promise<number> {
    await this.repositories.outages.noteListening(this.unitOfWork);
    const count = await this.unitOfWork.run(async (tx) => {
      const now = this.clock.now();
      const sites = await this.repositories.outages.dueAcrossTenants(tx, now, atOnce);
      if (sites.length === 0) return 0;
      await this.rules.refresh(tx);
      await this.settle(tx, await this.statesOf(tx, sites), now);
      crashPoint('notifications.outages.before-commit');
      return sites.length;
    });
    if (count > 0) crashPoint('notifications.outages.after-commit');
    return count;
  }

  private async statesOf(tx: Tx, sites: readonly Site[]): Promise<SiteState[]> {
    const { outages, watches, raised } = this.repositories;
    const waiting = (await watches.gatheringAcrossTenants(tx, sites)).filter(isWaiting);
    const leavers = await outages.takeLeavers(tx, sites);
    const silent = await raised.letGoSilent(tx, sites);
    const members = await raised.membersAcrossTenants(tx, sites);
    return sites.map((site) => {
      const isHere = (one: { ruleId: string }, custId?: number | null): boolean =>
        one.ruleId === site.ruleId && custId === site.custId;
      return {
        site,
        waiting: waiting.filter((one) => isHere(one, one.withheld.gathering?.custId)),
        leavers: leavers.filter((one) => isHere(one, one.custId)),
        members: members.filter((one) => isHere(one, one.siteCustId)),
        silent: silent.filter((one) => isHere(one, one.siteCustId)),
      };
    });
  }

  private async settle(tx: Tx, states: readonly SiteState[], now: Date): Promise<void> {
    const { outages, watches, raised } = this.repositories;
    const named = states.flatMap(({ waiting, members, silent, site }) => [
      ...namedOf([...waiting, ...members].map(({ accountNo }) => accountNo)),
      ...namedOf([...silent.map(({ accountNo }) => accountNo), ...(site.standing?.silent ?? [])]),
    ]);
    const usernames = await outages.usernamesAcrossTenants(tx, named);
    const judge = (watch: Waiting, isMember: boolean) => this.judge(watch, isMember, now.getTime());
    const settled = states.map((state) => settleSite(state, { judge, now, usernames }));
    const [watchBook, raisedBook] = [
      new WatchBook(states.flatMap(({ waiting }) => waiting)),
      new RaisedBook([]),
    ];
    for (const watch of settled.flatMap((one) => one.watches)) watchBook.put(watch);
    for (const one of settled.flatMap(({ raised: told }) => told)) raisedBook.raise(one);
    await watches.write(tx, watchBook);
    await raised.write(tx, raisedBook);
    await outages.write(tx, states.map(({ site }, at) => ({ ...site, standing: (settled[at] as Settlement).standing }))); // prettier-ignore
    await publishAll(
      tx,
      settled.flatMap(({ asks }) => asks).map((ask) => messageOf(ask, now)),
    );
  }

  /** By the rules and silences of now. */
  private judge(watch: Waiting, isMember: boolean, nowMs: number): Verdict {
    const { facts, request } = watch.withheld;
    const matching = this.rules.matching(facts, request.operationId !== undefined);
    const rule = matching.find(({ id }) => id === watch.ruleId);
    return verdictOn(watch, rule, isMember, this.rules.quietAt(facts, nowMs), nowMs);
  }
}

const isWaiting = (watch: Watch): watch is Waiting => watch.withheld !== null;

function messageOf({ provider, request }: TicketAsk, now: Date): OutboxMessage {
  const { requestId: id, eventId, partnerId } = request;
  const about = { correlationId: eventId, causationId: eventId, occurredAt: now.toISOString() };
  return outboxMessage(TOPIC[provider], request, { id, partnerId, ...about });
}
