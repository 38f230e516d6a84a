import type { ConnectionId, PartnerId } from '@backhaul/domain';
import type { ConnectionPayload } from '@backhaul/messaging';
import type { ProviderName } from '@backhaul/psa';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { NO_SETTINGS, type SettingsOut } from './connections.types.js';

@Entity({ name: 'psa_connection' })
export class ConnectionEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ type: 'text' }) provider: ProviderName;
  @Column({ name: 'connection_id', type: 'uuid' }) connectionId: ConnectionId;
  /** JSON of what is no secret. */
  @Column({ type: 'text' }) endpoint: string;
  @Column({ name: 'sealed_secret', type: 'text' }) sealedSecret: string;
  @Column({ type: 'integer' }) version: number;
}

@Entity({ name: 'psa_settings' })
export class SettingsEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ type: 'text' }) provider: ProviderName;
  /** JSON as `SettingsIn` describes it. */
  @Column({ type: 'text' }) settings: string;
  @Column({ type: 'integer' }) version: number;
}

/** Credentials and settings as ticketing needs them, the secrets sealed. */
export function connectionPayload(
  row: ConnectionEntity,
  settingsRow: SettingsEntity | null,
): ConnectionPayload {
  const { enabled, ticketing }: SettingsOut = settingsRow
    ? (JSON.parse(settingsRow.settings) as SettingsOut)
    : NO_SETTINGS;
  return {
    connectionId: row.connectionId,
    partnerId: row.partnerId,
    provider: row.provider,
    version: String(row.version),
    endpoint: JSON.parse(row.endpoint) as Record<string, string | null>,
    sealedSecret: row.sealedSecret,
    isEnabled: enabled,
    // `queueId: null` says Do Not Map; null elsewhere says nothing.
    ticketing: Object.fromEntries(
      Object.entries(ticketing ?? {}).filter(
        ([name, value]) => value !== undefined && (value !== null || name === 'queueId'),
      ),
    ),
  };
}
