import { type Clock, raisesProblem } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { KnownEvent } from '../requests/event-decision.js';
import { LATE } from '../requests/tellings.js';
import { type Quiet, wordsOf } from '../silences/silence.js';
import { webhookBody } from '../webhooks/webhook-message.js';
import type { EventHandler } from './event-handler.js';
import { eventFacts } from './handler-facts.js';
import { eventContent } from './handler-mails.js';
import { type Halt, runOf } from './handler-run.js';
import { judged } from './judgement.js';
import type { Going, PostRunsHandler } from './post-runs.handler.js';

/** An event, and the handlers that it may set going. */
export interface Arrival {
  event: KnownEvent;
  isLate: boolean;
  operationId: string | undefined;
  quiet: Quiet | null;
  handlers: readonly EventHandler[];
}

/** Runs the handlers of events whose conditions hold, each once. */
export class RunHandlersHandler {
  private readonly logger = new Logger('EventHandlers');

  constructor(
    private readonly posts: PostRunsHandler,
    private readonly clock: Clock,
  ) {}

  async onEvents(tx: Tx, arrivals: readonly Arrival[]): Promise<void> {
    await this.posts.post(tx, arrivals.flatMap((arrival) => this.goingOf(arrival))); // prettier-ignore
  }

  private goingOf(arrival: Arrival): Going[] {
    const { event, handlers } = arrival;
    const { phase, dryRun } = event.outcome;
    // Progress says nothing that anybody could act on (domain 3.2); a dry run neither saved nor lost anything.
    if (handlers.length === 0 || phase === 'progress' || dryRun) return [];
    const facts = eventFacts(event);
    return handlers.flatMap((handler) => {
      const { isMet, halt } = judged(handler, facts, this.logger);
      return isMet ? this.going(handler, arrival, halt ?? haltOf(arrival)) : [];
    });
  }

  private going(handler: EventHandler, { event, operationId }: Arrival, halt: Halt | null): Going {
    const { eventId, tenant } = event;
    const cause = { kind: 'event', eventId, operationId: operationId ?? null } as const;
    const at = operationId === undefined ? new Date(event.receivedAt) : this.clock.now();
    return {
      handler,
      run: runOf(handler, cause, tenant.accountNo, halt),
      tell: () => ({
        content: eventContent(event, handler),
        body: webhookBody(event, { handlerId: handler.id, handlerName: handler.name }),
        brandId: tenant.brandId,
        at,
      }),
    };
  }
}

/** As rules that mail and call have it: what is late does nothing, and a silence keeps problems quiet, but not their end. */
function haltOf({ event, isLate, quiet }: Arrival): Halt | null {
  if (isLate) return { state: 'skipped', ...LATE };
  const isProblem = raisesProblem(event.type, event.outcome.severity);
  return quiet !== null && isProblem ? { state: 'skipped', ...wordsOf(quiet) } : null;
}
