import { IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class CustomerPayload {
  @IsUUID() partnerId: string;
  @IsInt() custId: number;
  @IsOptional() @IsUUID() brandId: string | null;
  @IsString() name: string;
}

export const accountsCustomers: Topic<CustomerPayload> = {
  name: 'accounts.customers.v1',
  meaning: 'A customer as it is now.',
  producer: 'accounts',
  consumers: ['ingestion', 'ticketing', 'billing-sync'],
  compacted: true,
  partitions: 4,
  key: (p) => `${p.partnerId}:${p.custId}`,
  payload: CustomerPayload,
};
