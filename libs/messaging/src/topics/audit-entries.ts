import { IsInt, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class AuditEntryPayload {
  @IsUUID() entryId: string;
  @IsUUID() partnerId: string;
  /** ISO 8601 UTC. */
  @IsString() at: string;
  /** Who did it: `account:<no>`, `key:<keyId>`, `operator:<id>`, or `system` for the service's own programs. */
  @IsString() subject: string;
  /** The account as which it was done, while impersonating. */
  @IsOptional() @IsInt() onBehalfOf: number | null;
  @IsOptional() @IsString() ip: string | null;
  @IsOptional() @IsString() requestId: string | null;
  /** Such as `rule.create`. */
  @IsString() action: string;
  @IsString() targetKind: string;
  @IsString() targetId: string;
  /** What changed, as far as it is no secret. */
  @IsOptional() @IsObject() detail: Record<string, unknown> | null;
}

export const auditEntries: Topic<AuditEntryPayload> = {
  name: 'audit.entries.v1',
  meaning: 'Somebody changed something.',
  producer: ['ingestion', 'notifications', 'ticketing', 'billing-sync'],
  consumers: ['accounts'],
  compacted: false,
  partitions: 4,
  key: (p) => p.partnerId,
  payload: AuditEntryPayload,
};
