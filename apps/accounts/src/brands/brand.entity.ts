import type { BrandId, PartnerId } from '@backhaul/domain';
import { BrandPayload } from '@backhaul/messaging';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'brand' })
export class BrandEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'brand_id', type: 'uuid' }) brandId: BrandId;
  @Column({ type: 'text' }) name: string;
  @Column({ name: 'parent_id', type: 'uuid', nullable: true }) parentId: BrandId | null;
  /** From the root to this brand, both included. */
  @Column({ type: 'uuid', array: true }) path: BrandId[];
  /** Null: says nothing, and what stands above it holds. Of the root never null. */
  @Column({ name: 'require_second_factor', type: 'boolean', nullable: true }) requireSecondFactor:
    boolean | null;
  /** JSON of a `SupportOut`; null: says nothing, and what stands above it holds. */
  @Column({ type: 'text', nullable: true }) support: string | null;
  @Column({ type: 'integer' }) version: number;
  @Column({ name: 'created_at', type: 'timestamp with time zone' }) createdAt: Date;
}

export const brandPayload = ({ partnerId, brandId, parentId, name, path }: BrandEntity): BrandPayload => ({
  partnerId,
  brandId,
  parentId,
  name,
  path,
});
