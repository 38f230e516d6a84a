import { IsArray, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class BrandPayload {
  @IsUUID() partnerId: string;
  @IsUUID() brandId: string;
  @IsOptional() @IsUUID() parentId: string | null;
  @IsString() name: string;
  /** Brand ids from the partner's root to this brand, both included. */
  @IsArray() @IsUUID('all', { each: true }) path: string[];
}

export const accountsBrands: Topic<BrandPayload> = {
  name: 'accounts.brands.v1',
  meaning: 'A brand as it is now, and what stands above it.',
  producer: 'accounts',
  consumers: ['ingestion', 'notifications', 'ticketing', 'gateway', 'billing-sync'],
  compacted: true,
  partitions: 1,
  key: (p) => p.brandId,
  payload: BrandPayload,
};
