import type { PartnerId } from '@backhaul/domain';
import { PartnerPayload } from '@backhaul/messaging';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'partner' })
export class PartnerEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @Column({ type: 'text' }) name: string;
  @Column({ name: 'is_suspended', type: 'boolean' }) isSuspended: boolean;
  @Column({ name: 'suspended_at', type: 'timestamptz', precision: 3, nullable: true })
  suspendedAt: Date | null;
  /** What the operator wrote; null while it is not suspended. */
  @Column({ name: 'suspension_reason', type: 'text', nullable: true }) suspensionReason: string | null;
  /** Its people may act as others of theirs. */
  @Column({ name: 'allows_impersonation', type: 'boolean', default: true }) allowsImpersonation: boolean;
}

export const partnerPayload = ({ partnerId, name, isSuspended }: PartnerEntity): PartnerPayload => ({
  partnerId,
  name,
  isSuspended,
});
