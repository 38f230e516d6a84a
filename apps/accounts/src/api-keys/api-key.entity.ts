import type { BrandId, PartnerId } from '@backhaul/domain';
import type { Role } from '@backhaul/http';
import { ApiKeyPayload } from '@backhaul/messaging';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The one scope of an access token, which opens forms and API methods and nothing else. Where it opens them, no scope of
 * an API key does: of the two kinds that stand in this table, neither does the other's work.
 */
export const TOKEN_SCOPE = 'api_methods';

export type KeyKind = 'api-key' | 'access-token';

export const kindOf = ({ scopes }: Pick<ApiKeyEntity, 'scopes'>): KeyKind =>
  scopes.includes(TOKEN_SCOPE) ? 'access-token' : 'api-key';

@Entity({ name: 'api_key' })
export class ApiKeyEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'api_key_id', type: 'uuid' }) apiKeyId: string;
  /** The 12 characters that stand in the key itself. */
  @Column({ name: 'key_id', type: 'text' }) keyId: string;
  @Column({ type: 'text' }) name: string;
  @Column({ name: 'secret_hash', type: 'text' }) secretHash: string;
  @Column({ type: 'text', array: true }) scopes: string[];
  @Column({ type: 'text' }) role: Role;
  /** The brand below which it holds; null: the whole partner. */
  @Column({ name: 'brand_id', type: 'uuid', nullable: true }) brandId: BrandId | null;
  @Column({ name: 'expires_at', type: 'timestamp with time zone', nullable: true }) expiresAt: Date | null;
  @Column({ name: 'created_at', type: 'timestamp with time zone' }) createdAt: Date;
  /** Addresses and CIDRs from which it may be used; none: from everywhere. */
  @Column({ name: 'allowed_cidrs', type: 'text', array: true, default: '{}' }) allowedCidrs: string[];
  /** It was replaced, and works beside its successor until then. */
  @Column({ name: 'overlap_until', type: 'timestamp with time zone', nullable: true })
  overlapUntil: Date | null;
  @Column({ name: 'last_used_at', type: 'timestamp with time zone', nullable: true }) lastUsedAt: Date | null;
  @Column({ name: 'last_used_ip', type: 'text', nullable: true }) lastUsedIp: string | null;
}

/** When it ceases to work; null: never. */
export const lastMomentOf = ({ expiresAt, overlapUntil }: ApiKeyEntity): Date | null =>
  expiresAt && overlapUntil
    ? expiresAt < overlapUntil
      ? expiresAt
      : overlapUntil
    : (expiresAt ?? overlapUntil);

export const apiKeyPayload = (row: ApiKeyEntity): ApiKeyPayload => ({
  keyId: row.keyId,
  partnerId: row.partnerId,
  secretHash: row.secretHash,
  scopes: row.scopes,
  role: row.role,
  brandId: row.brandId,
  expiresAt: lastMomentOf(row)?.toISOString() ?? null,
  allowedCidrs: row.allowedCidrs,
});
