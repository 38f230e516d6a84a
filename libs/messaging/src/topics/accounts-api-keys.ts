import { IsArray, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class ApiKeyPayload {
  /** The 12 base62 characters that stand in the key itself. */
  @IsString() keyId: string;
  @IsUUID() partnerId: string;
  /** SHA-256 of the secret, hex. The secret itself is stored nowhere. */
  @IsString() secretHash: string;
  @IsArray() scopes: string[];
  /** A role of the scope tree, such as `partner-senior-manager`. */
  @IsString() role: string;
  /** The brand below which it holds; null or absent: the whole partner. */
  @IsOptional() @IsUUID() brandId?: string | null;
  /** ISO 8601 UTC, or null for never. Once the key was replaced, the end of its overlap. */
  @IsOptional() @IsString() expiresAt: string | null;
  /** Addresses and CIDRs from which it may be used; none or absent: from everywhere. */
  @IsOptional() @IsArray() @IsString({ each: true }) allowedCidrs?: string[];
}

export const accountsApiKeys: Topic<ApiKeyPayload> = {
  name: 'accounts.api-keys.v1',
  meaning: 'An API key that may be used now; a tombstone revokes it.',
  producer: 'accounts',
  consumers: ['gateway', 'ingestion'],
  compacted: true,
  partitions: 1,
  key: (p) => p.keyId,
  payload: ApiKeyPayload,
};
