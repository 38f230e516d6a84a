import {
  autotaskSyncRequests,
  connectwiseSyncRequests,
  type Delivered,
  OnTopic,
  type Provider,
  type SyncRequestPayload,
} from '@backhaul/messaging';
import { Controller, type Type } from '@nestjs/common';
import { AcceptRequestsHandler } from './accept-requests.handler.js';

/** The consumer of one PSA's requests; which one is decided at start. */
export function syncRequestsConsumer(provider: Provider): Type {
  const topic = provider === 'connectwise' ? connectwiseSyncRequests : autotaskSyncRequests;

  @Controller()
  class SyncRequestsConsumer {
    constructor(private readonly acceptRequests: AcceptRequestsHandler) {}

    @OnTopic(topic)
    async onRequests(batch: Delivered<SyncRequestPayload>[]): Promise<void> {
      await this.acceptRequests.handle(batch.flatMap(({ payload }) => payload ?? []));
    }
  }
  return SyncRequestsConsumer;
}
