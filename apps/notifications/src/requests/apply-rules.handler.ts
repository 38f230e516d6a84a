import { type Clock, EVENT_TYPE_INFO, keysResolvedBy, uuidFrom } from '@backhaul/domain';
import {
  autotaskSyncRequests, autotaskTicketRequests, type BackupEventPayload, connectwiseSyncRequests,
  connectwiseTicketRequests, crashPoint, type Delivered, isOvertaken, notificationDecisions, PoisonError,
} from '@backhaul/messaging'; // prettier-ignore
import {
  claimInbox,
  noteOvertaken,
  outboxMessage,
  type OutboxMessage,
  publishAll,
  type UnitOfWork,
} from '@backhaul/persistence';
import type { RunHandlersHandler } from '../event-handlers/run-handlers.handler.js';
import type { PostMailHandler } from '../mail/post-mail.handler.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Quiet } from '../silences/silence.js';
import { Gate } from '../watches/gate.js';
import { WatchBook } from '../watches/watch-book.js';
import type { WatchRepository } from '../watches/watch.repository.js';
import type { PostWebhooksHandler } from '../webhooks/post-webhooks.handler.js';
import { EventDecider, type EventDecision, type KnownEvent } from './event-decision.js';
import { accountKey } from './order-key.js';
import type { RaisedRepository } from './raised.repository.js';
import type { RaisedBook } from './raised-book.js';

const CONSUMER = 'notifications';
const TICKET_TOPIC = { connectwise: connectwiseTicketRequests, autotask: autotaskTicketRequests } as const;
const SYNC_TOPIC = { connectwise: connectwiseSyncRequests, autotask: autotaskSyncRequests } as const;

interface Arrived {
  event: KnownEvent;
  isLate: boolean;
  operationId: string | undefined;
  id: string;
  correlationId: string;
  /** Where it stands in its partition. */
  place: string;
  keys: ReturnType<typeof keysResolvedBy>;
}

interface Books {
  raised: RaisedBook;
  watches: WatchBook;
}

/** @throws PoisonError for an event that no rule could ever be applied to */
function arrivedOf({ payload, envelope, headers, offset }: Delivered<BackupEventPayload>): Arrived {
  const event = payload?.event;
  if (!event || !Object.hasOwn(EVENT_TYPE_INFO, event.type))
    throw new PoisonError(`unknown type of event ${event?.type ?? 'none'}`, 'unknown-type');
  if (event.tenant.accountNo === null || event.tenant.customerId === null)
    throw new PoisonError(`event ${event.eventId} has no account`);
  return {
    event: event as KnownEvent,
    // One that was set aside is late once something newer of its problem was handled.
    isLate: payload.isLate || isOvertaken(headers),
    operationId: payload.operationId,
    id: envelope.id,
    correlationId: envelope.correlationId,
    place: offset,
    keys: keysResolvedBy(event),
  };
}

const handledOf = ({ keys, place, event }: Arrived) =>
  [...keys, accountKey(event.tenant.accountNo)].map((orderKey) => ({ orderKey, place }));

/** Applies the rules and event handlers to a batch of events: one transaction, a handful of statements, whatever the size. */
export class ApplyRulesHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RuleBook,
    private readonly raised: RaisedRepository,
    private readonly watches: WatchRepository,
    private readonly posts: {
      mail: PostMailHandler;
      webhooks: PostWebhooksHandler;
      handlers: RunHandlersHandler;
    },
    private readonly clock: Clock,
  ) {}

  /** Answers how many events were new. @throws PoisonError */
  async handle(batch: readonly Delivered<BackupEventPayload>[]): Promise<number> {
    const arrived = batch.map(arrivedOf);
    const count = await this.unitOfWork.run(async (tx) => {
      const unseen = await claimInbox(tx, CONSUMER, [...new Set(arrived.map(({ id }) => id))]);
      // A batch may hold one event twice: the first takes the claim.
      const fresh = arrived.filter(({ id }) => unseen.delete(id));
      if (fresh.length === 0) return 0;
      const { hasWatches } = await this.rules.refresh(tx);
      const keys = [...new Set(fresh.flatMap((one) => one.keys))];
      // Before what was raised is read: who asks for what has come due changes both.
      const watches = hasWatches ? await this.watches.read(tx, keys) : new WatchBook();
      const raised = await this.raised.read(tx, keys);
      const decided = fresh.map((one) => {
        const quiet = this.quietAt(one);
        return { ...one, quiet, decision: this.decide(one, { raised, watches }, quiet) };
      });
      await this.raised.write(tx, raised);
      await this.watches.write(tx, watches);
      const unreachable = await this.posts.mail.postEvents(
        tx,
        decided.map(({ decision, ...one }) => ({ ...one, requests: decision.mails })),
      );
      const messages = decided.flatMap(({ decision, ...one }) =>
        this.messagesOf(one, withUnreachable(decision, unreachable)),
      );
      await publishAll(tx, messages);
      await noteOvertaken(tx, fresh.flatMap(handledOf)); // prettier-ignore
      await this.posts.webhooks.post(tx, decided.flatMap(({ decision }) => decision.webhooks)); // prettier-ignore
      await this.posts.handlers.onEvents(tx, decided.map((one) => ({ ...one, handlers: this.handlersOf(one) }))); // prettier-ignore
      crashPoint('notifications.apply.before-commit');
      return fresh.length;
    });
    crashPoint('notifications.apply.after-commit');
    return count;
  }

  private quietAt({ event, operationId }: Arrived): Quiet | null {
    const isAskedFor = operationId !== undefined;
    return this.rules.quietAt(event, isAskedFor ? this.clock.now().getTime() : Date.parse(event.receivedAt));
  }

  private handlersOf({ event, operationId }: Arrived) {
    return this.rules.handlersOf(event, operationId !== undefined);
  }

  private decide(arrived: Arrived, { raised, watches }: Books, quiet: Quiet | null): EventDecision {
    const { event, isLate, operationId, keys } = arrived;
    const isAskedFor = operationId !== undefined;
    const gate = new Gate(event, watches, quiet, isAskedFor);
    const decider = new EventDecider(event, { isLate, operationId, gate }, raised, keys);
    return decider.decide(this.rules.matching(event, isAskedFor));
  }

  private messagesOf(
    { event, operationId, correlationId }: Arrived,
    decision: EventDecision,
  ): OutboxMessage[] {
    const { partnerId, accountNo } = event.tenant;
    const at = this.clock.now().toISOString();
    const about = { partnerId, correlationId, causationId: event.eventId, occurredAt: at };
    const { tickets, syncs, actions } = decision;
    const asked = operationId === undefined ? {} : { operationId };
    const decided = { eventId: event.eventId, partnerId, accountNo, actions, at, ...asked };
    const decisionId = uuidFrom(operationId ?? event.eventId, 'decision');
    return [
      // Before its requests, so that it reaches ingestion before what becomes of them can.
      outboxMessage(notificationDecisions, decided, { id: decisionId, ...about }),
      ...tickets.map(({ provider, request }) =>
        outboxMessage(TICKET_TOPIC[provider], request, { id: request.requestId, ...about }),
      ),
      ...syncs.map(({ provider, request }) =>
        outboxMessage(SYNC_TOPIC[provider], request, { id: request.requestId, ...about }),
      ),
    ];
  }
}

/** A rule's mail that nobody can get is told at once. */
function withUnreachable(decision: EventDecision, unreachable: ReadonlySet<string>): EventDecision {
  const said = {
    state: 'skipped',
    reason: 'no_address',
    message: 'The account has no address for mail.',
  } as const;
  const actions = decision.actions.map((action) =>
    unreachable.has(action.requestId) ? { ...action, ...said } : action,
  );
  return { ...decision, actions };
}
