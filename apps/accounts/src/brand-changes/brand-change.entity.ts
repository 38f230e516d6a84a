import type { BrandId, CustomerId, PartnerId } from '@backhaul/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export const CHANGE_KINDS = ['conversion', 'move'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Where a customer is to go. */
export interface Target {
  custId: CustomerId;
  brandId: BrandId;
}

/** What a partner asked for and an operator carries out (A21, A22). */
@Entity({ name: 'brand_change_request' })
export class BrandChangeEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'request_id', type: 'uuid' }) requestId: string;
  @Column({ type: 'text' }) kind: ChangeKind;
  @Column({ name: 'brand_id', type: 'uuid' }) brandId: BrandId;
  /** The brand's new parent, in a move. */
  @Column({ name: 'parent_id', type: 'uuid', nullable: true }) parentId: BrandId | null;
  @Column({ type: 'simple-json' }) targets: Target[];
  @Column({ type: 'text', nullable: true }) note: string | null;
  @Column({ name: 'requested_by', type: 'text' }) requestedBy: string;
  @Column({ name: 'requested_at', type: 'timestamp with time zone' }) requestedAt: Date;
  @Column({ name: 'executed_by', type: 'text', nullable: true }) executedBy: string | null;
  @Column({ name: 'executed_at', type: 'timestamp with time zone', nullable: true }) executedAt: Date | null;
}
