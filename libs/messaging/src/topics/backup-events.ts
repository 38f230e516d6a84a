import { IsBoolean, IsObject, IsOptional, IsUUID } from 'class-validator';
import type { CanonicalEvent } from '@backhaul/domain';
import type { Topic } from './topic.js';

export class BackupEventPayload {
  /** The canonical event whole, without raw body and log lines. */
  @IsObject() event: CanonicalEvent;
  /** A newer result of the same job is already known: it may neither open nor close anything. */
  @IsBoolean() isLate: boolean;
  /** Somebody asked that the rules of now act on this event once more: the operation that tells how it went. */
  @IsOptional() @IsUUID() operationId?: string;
}

/** An event that ingestion stored. Keyed by account, so that one account's events arrive in the order they were stored. */
export const backupEvents: Topic<BackupEventPayload> = {
  name: 'backup.events.v1',
  meaning: 'A backup agent reported something that ingestion has stored.',
  producer: 'ingestion',
  consumers: ['notifications', 'billing-sync'],
  compacted: false,
  partitions: 12,
  key: (p) => String(p.event.tenant.accountNo),
  payload: BackupEventPayload,
};
