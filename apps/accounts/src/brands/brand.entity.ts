import type { BrandId, PartnerId } from '@backhaul/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'brand' })
export class BrandEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'brand_id', type: 'uuid' }) brandId: BrandId;
  @Column({ type: 'text' }) name: string;
  @Column({ name: 'parent_id', type: 'uuid', nullable: true }) parentId: BrandId | null;
  @Column({ type: 'integer' }) version: number;
  @Column({ name: 'created_at', type: 'timestamp with time zone' }) createdAt: Date;
}
