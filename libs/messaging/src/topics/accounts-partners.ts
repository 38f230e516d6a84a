import { IsBoolean, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class PartnerPayload {
  @IsUUID() partnerId: string;
  @IsString() name: string;
  /** Its people and programs are let in nowhere; what its agents report is taken. */
  @IsBoolean() isSuspended: boolean;
}

export const accountsPartners: Topic<PartnerPayload> = {
  name: 'accounts.partners.v1',
  meaning: 'A partner as it is now.',
  producer: 'accounts',
  consumers: ['gateway', 'ingestion', 'ticketing', 'billing-sync'],
  compacted: true,
  partitions: 4,
  key: (p) => p.partnerId,
  payload: PartnerPayload,
};
