import { type Clock, type HandlerId, isUuid, type Secret, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { WebhookRules } from '../webhooks/webhook-rules.js';
import { type EventHandler, type HandlerSettings, isCalling } from './event-handler.js';
import { handlerRefusals } from './event-handler-check.js';
import type { EventHandlerRepository } from './event-handler.repository.js';

/** Each event may meet all of them. */
export const MOST_HANDLERS = 200;

/** A handler as it is now, with the secret of its webhooks where that is new. */
export interface ChangedHandler {
  handler: EventHandler;
  secret: Secret<string> | null;
}

/** Creates, replaces and removes event handlers, in force at once on every instance. All throw Problem. */
export class ChangeEventHandlersHandler {
  constructor(
    private readonly handlers: EventHandlerRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: WebhookRules,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 422 */
  async create(
    scope: Scope,
    settings: HandlerSettings,
    given: Secret<string> | null = null,
  ): Promise<ChangedHandler> {
    this.assertAccepted(settings);
    const now = this.clock.now();
    const id = uuidv7(now.getTime()) as HandlerId;
    const { partnerId, brandId: ownerBrandId } = scope;
    const handler = { ...settings, id, partnerId, ownerBrandId, version: 1, createdAt: now, updatedAt: now };
    const store = (tx: Tx) => this.handlers.add(scope, tx, handler, MOST_HANDLERS);
    const changed = await this.stored('create', handler, given, store);
    if (!changed) throw Problem.unprocessable(`A partner has at most ${MOST_HANDLERS} event handlers.`);
    return changed;
  }

  /** @throws Problem 404, 412, 422, 428 */
  async replace(
    scope: Scope,
    id: string,
    ifMatch: string | undefined,
    settings: HandlerSettings,
    given: Secret<string> | null = null,
  ): Promise<ChangedHandler> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, etagOf(known.version));
    this.assertAccepted(settings);
    const handler = { ...known, ...settings, version: known.version + 1, updatedAt: this.clock.now() };
    const changed = await this.stored('change', handler, given, (tx) => this.handlers.replace(scope, tx, handler)); // prettier-ignore
    if (!changed) throw Problem.preconditionFailed();
    return changed;
  }

  /** @throws Problem 404, and 409 for a handler that calls nobody */
  async rotateSecret(scope: Scope, id: string): Promise<ChangedHandler> {
    const handler = await this.find(scope, id);
    if (!isCalling(handler)) throw Problem.conflict('The event handler calls no webhook.');
    const secret = await this.unitOfWork.run(async (tx) => {
      await record(tx, 'rotate-secret', handler);
      return this.webhooks.rotate(tx, handler);
    });
    return { handler, secret };
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, id: string, ifMatch: string | undefined): Promise<void> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, etagOf(known.version));
    const isGone = await this.unitOfWork.run(async (tx) => {
      const isDone = await this.handlers.drop(scope, tx, known);
      if (isDone) await record(tx, 'remove', known);
      return isDone;
    });
    if (!isGone) throw Problem.preconditionFailed();
  }

  /** @throws Problem 404, also for what is no id at all */
  async find(scope: Scope, id: string): Promise<EventHandler> {
    const handlerId = id.toLowerCase();
    const handler = isUuid(handlerId) ? await this.handlers.find(scope, handlerId as HandlerId) : null;
    if (!handler) throw Problem.notFound();
    return handler;
  }

  /** Null for what was not stored, which leaves no entry either. */
  private stored(
    verb: string,
    handler: EventHandler,
    given: Secret<string> | null,
    store: (tx: Tx) => Promise<boolean>,
  ): Promise<ChangedHandler | null> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await store(tx))) return null;
      const secret = isCalling(handler) ? await this.webhooks.keep(tx, handler, given) : null;
      await record(tx, verb, handler);
      return { handler, secret };
    });
  }

  /** @throws Problem 422 */
  private assertAccepted(settings: HandlerSettings): void {
    const refusals = handlerRefusals(settings, this.webhooks);
    if (refusals.length > 0) throw Problem.unprocessable('The event handler cannot be.', refusals);
  }
}

/** Whom it writes to and calls is no part of the entry. */
function record(tx: Tx, verb: string, { id, partnerId, name, enabled, source }: EventHandler): Promise<void> {
  return outboxAuditTrail.record(tx, partnerId, {
    action: `event-handler.${verb}`,
    target: { kind: 'event-handler', id },
    detail: { name, enabled, source: source.kind },
  });
}
