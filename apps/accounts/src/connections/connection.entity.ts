import type { ConnectionId, PartnerId } from '@backhaul/domain';
import type { ConnectionPayload } from '@backhaul/messaging';
import type { ProviderName } from '@backhaul/psa';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { NO_SETTINGS, type SettingsOut } from './connections.types.js';

/** `soap`: an integrator login of before that waits for API keys; nothing is ever sent with it (B4-B11). */
export type ConnectionMode = 'rest' | 'soap';

@Entity({ name: 'psa_connection' })
export class ConnectionEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ type: 'text' }) provider: ProviderName;
  @Column({ name: 'connection_id', type: 'uuid' }) connectionId: ConnectionId;
  @Column({ type: 'text' }) mode: ConnectionMode;
  /** JSON of what is no secret. */
  @Column({ type: 'text' }) endpoint: string;
  @Column({ name: 'sealed_secret', type: 'text' }) sealedSecret: string;
  @Column({ type: 'integer' }) version: number;
  /** JSON of a `LastCheck`; null before the first. */
  @Column({ name: 'last_check', type: 'text', nullable: true }) lastCheck: string | null;
}

/** What the last test of a connection said. */
export interface LastCheck {
  /** Of the credentials that were tested. */
  version: number;
  /** Of the first step that failed; null when all was well. */
  reason: string | null;
  /** ISO 8601 UTC. */
  at: string;
}

@Entity({ name: 'psa_settings' })
export class SettingsEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ type: 'text' }) provider: ProviderName;
  /** JSON as `SettingsIn` describes it. */
  @Column({ type: 'text' }) settings: string;
  @Column({ type: 'integer' }) version: number;
}

/** Credentials and settings as those need them who call the PSA, the secrets sealed; of a SOAP link no credential at all. */
export function connectionPayload(
  row: ConnectionEntity,
  settingsRow: SettingsEntity | null,
  approvals: readonly string[],
): ConnectionPayload {
  const { enabled, ticketing, statistics }: SettingsOut = settingsRow
    ? (JSON.parse(settingsRow.settings) as SettingsOut)
    : NO_SETTINGS;
  const { integratorName: _, ...endpoint } = JSON.parse(row.endpoint) as Record<string, string | null>;
  return {
    connectionId: row.connectionId,
    partnerId: row.partnerId,
    provider: row.provider,
    version: String(row.version),
    endpoint,
    sealedSecret: row.mode === 'soap' ? '' : row.sealedSecret,
    isEnabled: enabled,
    // `queueId: null` says Do Not Map; null elsewhere says nothing.
    ticketing: Object.fromEntries(
      Object.entries(ticketing ?? {}).filter(
        ([name, value]) => value !== undefined && (value !== null || name === 'queueId'),
      ),
    ),
    ...(statistics && { statistics: { enabled: statistics.enabled } }),
    ...(row.mode === 'soap' && { needsChange: true }),
    ...(approvals.length > 0 && { egress: [...approvals] }),
  };
}
