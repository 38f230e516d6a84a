import {
  type Delivered, type MailOutcomePayload, mailOutcomes, type NotificationDecisionPayload, notificationDecisions, OnTopic, type TicketOutcomePayload,
  type SyncOutcomePayload, syncOutcomes, ticketOutcomes,
} from '@backhaul/messaging'; // prettier-ignore
import { Controller } from '@nestjs/common';
import { EventActionRepository } from './event-action.repository.js';

/** Writes beside each event what the rules decided, and what came of it. Repeats change nothing. */
@Controller()
export class OutcomesConsumer {
  constructor(private readonly actions: EventActionRepository) {}

  @OnTopic(notificationDecisions)
  async onDecisions(batch: Delivered<NotificationDecisionPayload>[]): Promise<void> {
    await this.actions.writeDecisions(batch.flatMap(({ payload }) => payload ?? []));
  }

  @OnTopic(ticketOutcomes)
  async onOutcomes(batch: Delivered<TicketOutcomePayload>[]): Promise<void> {
    await this.actions.writeOutcomes(batch.flatMap(({ payload }) => payload ?? []));
  }

  @OnTopic(syncOutcomes)
  async onSyncOutcomes(batch: Delivered<SyncOutcomePayload>[]): Promise<void> {
    await this.actions.writeSyncOutcomes(batch.flatMap(({ payload }) => payload ?? []));
  }

  @OnTopic(mailOutcomes)
  async onMailOutcomes(batch: Delivered<MailOutcomePayload>[]): Promise<void> {
    await this.actions.writeMailOutcomes(batch.flatMap(({ payload }) => payload ?? []));
  }
}
