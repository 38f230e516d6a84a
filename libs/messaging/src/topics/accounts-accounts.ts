import { IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class AccountPayload {
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsInt() custId: number;
  @IsOptional() @IsUUID() brandId: string | null;
  @IsString() username: string;
  @IsOptional() @IsString() hostName: string | null;
  /** Such as `partner-api`. */
  @IsOptional() @IsString() role?: string;
  /** Free text; whatever addresses stand in it get the account's own mail. */
  @IsOptional() @IsString() contact?: string | null;
}

export const accountsAccounts: Topic<AccountPayload> = {
  name: 'accounts.accounts.v1',
  meaning: 'An account as it is now.',
  producer: 'accounts',
  consumers: ['ingestion', 'notifications', 'ticketing'],
  compacted: true,
  partitions: 4,
  key: (p) => String(p.accountNo),
  payload: AccountPayload,
};
