import type { AccountNo, BrandId, CustomerId, EventType, PartnerId } from '@backhaul/domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Silence, SilenceKind } from './silence.js';
import type { Weekly } from './weekly.js';

@Entity({ name: 'silences' })
@Index('silences_by_partner', ['partnerId', 'silenceId'])
@Check('silences_end', 'ends_at > starts_at OR (ends_at IS NULL AND weekly IS NOT NULL)')
export class SilenceEntity {
  @PrimaryColumn({ name: 'silence_id', type: 'uuid' }) silenceId: string;
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @Column({ name: 'owner_brand_id', type: 'uuid', nullable: true }) ownerBrandId: BrandId | null;
  @Column({ type: 'text' }) kind: SilenceKind;
  @Column({ name: 'brand_ids', type: 'uuid', array: true }) brandIds: BrandId[];
  @Column({ name: 'cust_ids', type: 'integer', array: true }) custIds: CustomerId[];
  @Column({ name: 'account_nos', type: 'integer', array: true }) accountNos: AccountNo[];
  @Column({ name: 'host_names', type: 'text', array: true }) hostNames: string[];
  @Column({ name: 'job_names', type: 'text', array: true }) jobNames: string[];
  @Column({ name: 'event_types', type: 'text', array: true }) eventTypes: EventType[];
  @Column({ name: 'starts_at', type: 'timestamp with time zone', precision: 3 }) startsAt: Date;
  @Column({ name: 'ends_at', type: 'timestamp with time zone', precision: 3, nullable: true })
  endsAt: Date | null;
  @Column({ type: 'jsonb', nullable: true }) weekly: Weekly | null;
  @Column({ type: 'text' }) reason: string;
  @Column({ name: 'created_by', type: 'text' }) createdBy: string;
  @Column({ name: 'created_at', type: 'timestamp with time zone', precision: 3 }) createdAt: Date;
}

export function silenceOf(row: SilenceEntity): Silence {
  return {
    id: row.silenceId,
    partnerId: row.partnerId,
    ownerBrandId: row.ownerBrandId,
    kind: row.kind,
    scope: {
      brandIds: row.brandIds,
      custIds: row.custIds,
      accountNos: row.accountNos,
      hostNames: row.hostNames,
      jobNames: row.jobNames,
    },
    eventTypes: row.eventTypes,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    weekly: row.weekly,
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
  };
}

export function silenceRowOf(silence: Silence): SilenceEntity {
  const { scope } = silence;
  return {
    silenceId: silence.id,
    partnerId: silence.partnerId,
    ownerBrandId: silence.ownerBrandId,
    kind: silence.kind,
    brandIds: [...scope.brandIds],
    custIds: [...scope.custIds],
    accountNos: [...scope.accountNos],
    hostNames: [...scope.hostNames],
    jobNames: [...scope.jobNames],
    eventTypes: [...silence.eventTypes],
    startsAt: silence.startsAt,
    endsAt: silence.endsAt,
    weekly: silence.weekly,
    reason: silence.reason,
    createdBy: silence.createdBy,
    createdAt: silence.createdAt,
  };
}
