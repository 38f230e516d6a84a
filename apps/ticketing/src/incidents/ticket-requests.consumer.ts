import {
  autotaskTicketRequests,
  connectwiseTicketRequests,
  type Delivered,
  isOvertaken,
  OnTopic,
  type Provider,
  type TicketRequestPayload,
} from '@backhaul/messaging';
import { Controller, type Type } from '@nestjs/common';
import { FoldRequestsHandler } from './fold-requests.handler.js';

/** The consumer of one PSA's requests; which one is decided at start. */
export function ticketRequestsConsumer(provider: Provider): Type {
  const topic = provider === 'connectwise' ? connectwiseTicketRequests : autotaskTicketRequests;

  @Controller()
  class TicketRequestsConsumer {
    constructor(private readonly foldRequests: FoldRequestsHandler) {}

    @OnTopic(topic)
    async onRequests(batch: Delivered<TicketRequestPayload>[]): Promise<void> {
      await this.foldRequests.handle(
        batch.flatMap(({ payload, headers, offset }) =>
          payload ? { ...payload, offset, isOvertaken: isOvertaken(headers) } : [],
        ),
      );
    }
  }
  return TicketRequestsConsumer;
}
