import type { Clock } from '@backhaul/domain';
import { crashPoint } from '@backhaul/messaging';
import type { UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { DeliveryEntity } from './delivery.entity.js';
import type { Attempted, DeliveryRepository } from './delivery.repository.js';
import type { CallEnd, CallTarget, WebhookCaller } from './webhook-caller.js';
import type { WebhookSender } from './webhook-sender.js';
import { signedHeaders } from './webhook-signature.js';

/** It comes again, later each time. */
export class WebhookAgainError extends Error {}

const NOTHING = { status: null, answer: null };

/**
 * Makes one call. The attempt is written down first, and its id never changes. Rather twice than never: a process that
 * dies between the receiver's answer and our record calls again, which receivers fold by that id.
 */
export class SendWebhookHandler {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly deliveries: DeliveryRepository,
    private readonly callers: { rules: WebhookCaller; handlers: WebhookCaller },
    private readonly sender: Pick<WebhookSender, 'call'>,
    private readonly settings: { leaseS: number; clock: Clock },
  ) {}

  /** @throws WebhookAgainError when it is to be tried again */
  async handle(deliveryId: string): Promise<void> {
    const delivery = await this.deliveries.begin(this.unitOfWork, deliveryId, this.settings.leaseS);
    if (delivery === null) return;
    if (delivery === 'busy') throw new WebhookAgainError('another worker is calling');
    const caller = this.callerOf(delivery);
    const target = await caller.targetOf(this.unitOfWork, delivery);
    const unsent = reasonNotToCall(delivery, target, this.settings.clock.now());
    if (unsent !== null) return this.end(delivery, 'failed', { ...NOTHING, reason: unsent });
    if (target) await this.call(delivery, target);
  }

  private async call(delivery: DeliveryEntity, { url, secrets }: CallTarget): Promise<void> {
    const { deliveryId: id, body } = delivery;
    const timestamp = Math.floor(this.settings.clock.now().getTime() / 1000);
    crashPoint('webhook.before-call');
    const { verdict, ...attempted } = await this.sender.call(
      url,
      signedHeaders({ id, timestamp, body }, secrets),
      body,
    );
    crashPoint('webhook.after-call');
    if (verdict === 'again') return this.postpone(delivery, attempted);
    await this.end(delivery, verdict === 'delivered' ? 'delivered' : 'failed', attempted, verdict === 'gone');
  }

  /** @throws WebhookAgainError */
  private async postpone({ deliveryId, attempts }: DeliveryEntity, attempted: Attempted): Promise<never> {
    await this.deliveries.postpone(this.unitOfWork, deliveryId, attempted);
    this.logger.warn(
      `webhook ${deliveryId} will be tried again after attempt ${attempts}: ${attempted.reason}`,
    );
    throw new WebhookAgainError(attempted.reason ?? '');
  }

  private async end(
    delivery: DeliveryEntity,
    state: 'delivered' | 'failed',
    attempted: Attempted,
    isGone = false,
  ): Promise<void> {
    const { deliveryId } = delivery;
    const caller = this.callerOf(delivery);
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.deliveries.end(tx, deliveryId, state, attempted))) return;
      if (isGone) await caller.disable(tx, delivery, 'The receiver answered 410: it wants no more.');
      await caller.tell(tx, delivery, endOf(state, attempted));
    });
    if (state === 'failed') this.logger.warn(`webhook ${deliveryId} failed for good: ${attempted.reason}`);
  }

  private callerOf({ handlerId }: DeliveryEntity): WebhookCaller {
    return handlerId === null ? this.callers.rules : this.callers.handlers;
  }
}

function endOf(state: 'delivered' | 'failed', { reason, status }: Attempted): CallEnd {
  if (state === 'delivered')
    return { state: 'done', reason: 'delivered', message: `The receiver answered ${status}.` };
  return { state: 'failed', reason: 'undelivered', message: `The webhook was not delivered: ${reason}.` };
}

function reasonNotToCall(
  { expiresAt, handlerId }: DeliveryEntity,
  target: CallTarget | null,
  now: Date,
): string | null {
  const who = handlerId === null ? 'rule' : 'event handler';
  if (!target) return `the ${who} is gone or calls nobody any more`;
  if (target.disabledReason !== null) return 'the webhook was switched off';
  if (expiresAt <= now) return 'it was tried for a day';
  return target.secrets.length === 0 ? 'its secret cannot be read: replace it' : null;
}
