import { IsBoolean, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import type { Provider } from './ticket-requests.js';

export class SyncRequestPayload {
  @IsUUID() requestId: string;
  @IsUUID() eventId: string;
  @IsUUID() ruleId: string;
  @IsString() ruleName: string;
  @IsUUID() partnerId: string;
  @IsInt() custId: number;
  @IsInt() accountNo: number;
  /** ISO 8601 UTC. */
  @IsString() occurredAt: string;
  /** Asked for by hand: the 12-hour window does not hold it back (F18). */
  @IsOptional() @IsBoolean() isForced?: boolean;
}

const syncRequests = (provider: Provider): Topic<SyncRequestPayload> => ({
  name: `sync.requests.${provider}.v1`,
  meaning: `A rule asks that a customer's quantities be pushed to ${provider}.`,
  producer: 'notifications',
  consumers: ['billing-sync'],
  compacted: false,
  partitions: 12,
  // The 12-hour window is per customer (F24).
  key: (p) => `${p.partnerId}:${p.custId}`,
  payload: SyncRequestPayload,
});

export const connectwiseSyncRequests = syncRequests('connectwise');
export const autotaskSyncRequests = syncRequests('autotask');
