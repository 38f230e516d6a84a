import { IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class AccountPayload {
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsInt() custId: number;
  @IsOptional() @IsUUID() brandId: string | null;
  @IsString() username: string;
  @IsOptional() @IsString() hostName: string | null;
}

export const accountsAccounts: Topic<AccountPayload> = {
  name: 'accounts.accounts.v1',
  meaning: 'An account as it is now.',
  producer: 'accounts',
  consumers: ['ingestion', 'ticketing'],
  compacted: true,
  partitions: 4,
  key: (p) => String(p.accountNo),
  payload: AccountPayload,
};
