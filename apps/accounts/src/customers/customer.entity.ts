import type { BrandId, CustomerId, PartnerId } from '@backhaul/domain';
import { CustomerPayload } from '@backhaul/messaging';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../number-column.js';

@Entity({ name: 'customer' })
export class CustomerEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'cust_id', type: 'bigint', transformer: asNumber }) custId: CustomerId;
  @Column({ name: 'brand_id', type: 'uuid' }) brandId: BrandId;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'integer' }) version: number;
  @Column({ name: 'created_at', type: 'timestamp with time zone' }) createdAt: Date;
}

export const customerPayload = ({ partnerId, custId, brandId, name }: CustomerEntity): CustomerPayload => ({
  partnerId,
  custId,
  brandId,
  name,
});
