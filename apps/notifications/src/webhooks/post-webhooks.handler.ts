import type { Tx } from '@backhaul/persistence';
import type { MailQueue } from '../mail/mail-queue.js';
import type { DeliveryDraft } from './delivery.entity.js';
import type { DeliveryRepository } from './delivery.repository.js';

/** Puts calls in line, in the transaction of their cause: with it they exist, without it they never did. */
export class PostWebhooksHandler {
  constructor(
    private readonly deliveries: Pick<DeliveryRepository, 'add'>,
    private readonly queue: Pick<MailQueue, 'add'>,
  ) {}

  async post(tx: Tx, drafts: readonly DeliveryDraft[]): Promise<void> {
    if (drafts.length > 0) await this.queue.add(tx, await this.deliveries.add(tx, drafts));
  }
}
