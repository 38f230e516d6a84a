import { IsBoolean, IsIn, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import { PROVIDERS, type Provider } from './ticket-requests.js';

export class BreakerPayload {
  @IsUUID() connectionId: string;
  @IsUUID() partnerId: string;
  @IsIn(PROVIDERS) provider: Provider;
  /** The PSA does not answer: what is asked for waits. */
  @IsBoolean() isOpen: boolean;
  /** When it is tried again, ISO 8601 UTC; null while it answers. */
  @IsOptional() @IsString() until: string | null;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

/** Whether a PSA answers, told when that changes. Keyed by connection: the newest word of each counts. */
export const ticketingBreakers: Topic<BreakerPayload> = {
  name: 'ticketing.breakers.v1',
  meaning: 'The circuit breaker around the PSA of a connection opened or closed.',
  producer: 'ticketing',
  consumers: ['ingestion'],
  compacted: true,
  partitions: 4,
  key: (p) => p.connectionId,
  payload: BreakerPayload,
};
