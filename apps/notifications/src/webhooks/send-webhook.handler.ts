import type { Clock } from '@backhaul/domain';
import { crashPoint, notificationDecisions } from '@backhaul/messaging';
import { outboxMessage, publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { uuidFrom } from '@backhaul/domain';
import { Logger } from '@nestjs/common';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { StoredRule } from '../rules/rule.entity.js';
import type { DeliveryEntity } from './delivery.entity.js';
import type { Attempted, DeliveryRepository } from './delivery.repository.js';
import type { WebhookSecrets } from './webhook-secrets.js';
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
    private readonly rules: Pick<RuleRepository, 'findAcrossBrands' | 'disableWebhook'>,
    private readonly secrets: WebhookSecrets,
    private readonly sender: Pick<WebhookSender, 'call'>,
    private readonly settings: { leaseS: number; clock: Clock },
  ) {}

  /** @throws WebhookAgainError when it is to be tried again */
  async handle(deliveryId: string): Promise<void> {
    const delivery = await this.deliveries.begin(this.unitOfWork, deliveryId, this.settings.leaseS);
    if (delivery === null) return;
    if (delivery === 'busy') throw new WebhookAgainError('another worker is calling');
    const rule = await this.rules.findAcrossBrands(delivery.partnerId, delivery.ruleId);
    const unsent = reasonNotToCall(delivery, rule, this.settings.clock.now());
    if (unsent !== null) return this.end(delivery, 'failed', { ...NOTHING, reason: unsent });
    const secrets = await this.secrets.read(this.unitOfWork, delivery.ruleId);
    if (secrets.length === 0)
      return this.end(delivery, 'failed', { ...NOTHING, reason: 'its secret cannot be read: replace it' });
    await this.call(delivery, rule?.webhook?.url ?? '', secrets);
  }

  private async call(
    delivery: DeliveryEntity,
    url: string,
    secrets: Awaited<ReturnType<WebhookSecrets['read']>>,
  ): Promise<void> {
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
    const { deliveryId, partnerId, ruleId } = delivery;
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.deliveries.end(tx, deliveryId, state, attempted))) return;
      if (isGone)
        await this.rules.disableWebhook(
          tx,
          partnerId,
          ruleId,
          'The receiver answered 410: it wants no more.',
        );
      await this.tell(tx, delivery, state, attempted);
    });
    if (state === 'failed') this.logger.warn(`webhook ${deliveryId} failed for good: ${attempted.reason}`);
  }

  /** Beside the event stands what became of it. */
  private async tell(
    tx: Tx,
    delivery: DeliveryEntity,
    state: 'delivered' | 'failed',
    { reason, status }: Attempted,
  ): Promise<void> {
    const {
      deliveryId: requestId,
      partnerId,
      ruleId,
      ruleName,
      eventId,
      accountNo,
      attempts,
      operationId,
    } = delivery;
    const at = this.settings.clock.now().toISOString();
    const said =
      state === 'delivered'
        ? { state: 'done' as const, reason: 'delivered', message: `The receiver answered ${status}.` }
        : {
            state: 'failed' as const,
            reason: 'undelivered',
            message: `The webhook was not delivered: ${reason}.`,
          };
    const action = { requestId, ruleId, ruleName, action: 'webhook', ...said };
    const asked = operationId === null ? {} : { operationId };
    const decided = { eventId, partnerId, accountNo, actions: [action], at, ...asked };
    const id = uuidFrom(requestId, 'ended', String(attempts));
    const about = { partnerId, correlationId: eventId, causationId: eventId, occurredAt: at };
    await publishAll(tx, [outboxMessage(notificationDecisions, decided, { id, ...about })]);
  }
}

function reasonNotToCall({ expiresAt }: DeliveryEntity, rule: StoredRule | null, now: Date): string | null {
  if (!rule?.webhook) return 'the rule is gone or calls nobody any more';
  if (rule.webhook.disabledReason !== null) return 'the webhook was switched off';
  return expiresAt <= now ? 'it was tried for a day' : null;
}
