import type { ConnectionId, PartnerId } from '@backhaul/domain';
import type { ProviderName } from '@backhaul/psa';
import { Column, Entity, PrimaryColumn } from 'typeorm';

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
