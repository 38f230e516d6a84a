import { BreakerPayload, type Delivered, OnTopic, ticketingBreakers } from '@backhaul/messaging';
import { Controller } from '@nestjs/common';
import { BreakerRepository } from './breaker.repository.js';

@Controller()
export class BreakersConsumer {
  constructor(private readonly breakers: BreakerRepository) {}

  @OnTopic(ticketingBreakers)
  async onBreakers(batch: Delivered<BreakerPayload>[]): Promise<void> {
    await this.breakers.put(new Map(batch.map(({ key, payload }) => [key, payload])));
  }
}
