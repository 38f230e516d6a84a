import { IsIn, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import { PROVIDERS, type Provider } from './ticket-requests.js';
import type { Topic } from './topic.js';

export class SyncOutcomePayload {
  @IsUUID() requestId: string;
  @IsUUID() eventId: string;
  @IsUUID() ruleId: string;
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsIn(PROVIDERS) provider: Provider;
  /** `pending`: the PSA cannot be asked for now; it is tried again. */
  @IsIn(['pending', 'done', 'skipped', 'failed']) state: 'pending' | 'done' | 'skipped' | 'failed';
  /** `pushed`, `within_window` (the customer was synchronized less than 12 hours before), or why it failed. */
  @IsString() reason: string;
  /** What the partner reads, with the PSA's own words where it refused; of `within_window` the event log has the words. */
  @IsOptional() @IsString() message: string | null;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

/** What became of the request to push a customer's figures. Keyed by account: each has its own log (F29). */
export const syncOutcomes: Topic<SyncOutcomePayload> = {
  name: 'sync.outcomes.v1',
  meaning: "A customer's figures were pushed, refused, or left for the next 12 hours.",
  producer: 'billing-sync',
  consumers: ['ingestion'],
  compacted: false,
  partitions: 12,
  key: (p) => String(p.accountNo),
  payload: SyncOutcomePayload,
};
