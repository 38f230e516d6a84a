import { Problem } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type UnitOfWork } from '@backhaul/persistence';
import type { MailQueue } from '../mail/mail-queue.js';
import type { DeliveryEntity } from './delivery.entity.js';
import type { DeliveryRepository } from './delivery.repository.js';

/** Calls once more, with the same id and body, for another day. */
export class ResendWebhookHandler {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly queue: Pick<MailQueue, 'again'>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws Problem 404, and 409 while it is being tried */
  async handle(scope: Scope, deliveryId: string): Promise<DeliveryEntity> {
    const known = await this.find(scope, deliveryId);
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.deliveries.again(tx, deliveryId)))
        throw Problem.conflict('It is being tried already, and will be for a day.');
      await this.queue.again(tx, deliveryId);
      const { partnerId, ruleId, handlerId, causeId } = known;
      const target = { kind: 'webhook-delivery', id: deliveryId };
      await outboxAuditTrail.record(tx, partnerId, { action: 'webhook-delivery.resend', target, detail: { ruleId, handlerId, causeId } }); // prettier-ignore
    });
    return this.find(scope, deliveryId);
  }

  private async find(scope: Scope, deliveryId: string): Promise<DeliveryEntity> {
    const known = await this.deliveries.find(scope, deliveryId);
    if (!known) throw Problem.notFound();
    return known;
  }
}
