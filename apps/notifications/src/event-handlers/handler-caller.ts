import type { HandlerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { WebhookCaller, CallEnd, CallTarget } from '../webhooks/webhook-caller.js';
import type { DeliveryEntity } from '../webhooks/delivery.entity.js';
import type { WebhookSecrets } from '../webhooks/webhook-secrets.js';
import type { EventHandlerRepository } from './event-handler.repository.js';
import type { HandlerRunRepository } from './handler-run.repository.js';

/** Calls that event handlers ask for: where they go, and whose run is told how they ended. */
export class HandlerCaller implements WebhookCaller {
  constructor(
    private readonly handlers: Pick<EventHandlerRepository, 'findAcrossBrands' | 'disableWebhook'>,
    private readonly secrets: WebhookSecrets,
    private readonly runs: Pick<HandlerRunRepository, 'end'>,
  ) {}

  /** An address that the handler no longer names is called no more. */
  async targetOf(
    db: Pick<Tx, 'query'>,
    { partnerId, handlerId, url }: DeliveryEntity,
  ): Promise<CallTarget | null> {
    const handler = handlerId && (await this.handlers.findAcrossBrands(partnerId, handlerId));
    if (!handler) return null;
    for (const action of handler.actions)
      if (action.kind === 'webhook' && action.url === url)
        return { ...action, secrets: await this.secrets.read(db, handler.id) };
    return null;
  }

  async disable(tx: Tx, { partnerId, handlerId, url }: DeliveryEntity, reason: string): Promise<void> {
    const of = { partnerId, handlerId: handlerId as HandlerId, url: url ?? '' };
    await this.handlers.disableWebhook(tx, of, reason);
  }

  async tell(tx: Tx, { deliveryId }: DeliveryEntity, end: CallEnd): Promise<void> {
    await this.runs.end(tx, deliveryId, end);
  }
}
