import { IsIn, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import { PROVIDERS, type Provider } from './ticket-requests.js';

export class CustomerMapPayload {
  @IsUUID() partnerId: string;
  @IsIn(PROVIDERS) provider: Provider;
  @IsInt() custId: number;
  /** The company's id in the PSA, or null while it is not mapped. */
  @IsOptional() @IsString() psaCompanyId: string | null;
}

export const accountsCustomerMap: Topic<CustomerMapPayload> = {
  name: 'accounts.customer-map.v1',
  meaning: 'Which company of the PSA a customer is.',
  producer: 'accounts',
  consumers: ['ticketing', 'billing-sync'],
  compacted: true,
  partitions: 1,
  key: (p) => `${p.provider}:${p.partnerId}:${p.custId}`,
  payload: CustomerMapPayload,
};
