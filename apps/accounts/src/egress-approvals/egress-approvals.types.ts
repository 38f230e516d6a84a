import { PageQuery } from '@backhaul/http';
import { PROVIDER_NAMES, type ProviderName } from '@backhaul/psa';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Max, Min } from 'class-validator';
import type { EgressApproval } from './egress-approval.repository.js';

export class CreateEgressApprovalIn {
  @IsUUID() partnerId: string;
  @ApiProperty({ enum: PROVIDER_NAMES }) @IsIn(PROVIDER_NAMES) provider: ProviderName;
  /** A network such as `10.1.0.0/16`, an address, or a name. */
  @IsString() @Length(1, 253) target: string;
  @IsInt() @Min(1) @Max(65535) port: number;
  /** Why, for whoever asks later. */
  @IsString() @Length(1, 500) reason: string;
}

export class EgressApprovalsQuery extends PageQuery {
  @IsOptional() @IsUUID() partnerId?: string;
}

export class EgressApprovalOut {
  id: string;
  partnerId: string;
  @ApiProperty({ enum: PROVIDER_NAMES }) provider: ProviderName;
  target: string;
  port: number;
  reason: string;
  approvedBy: string;
  approvedAt: string;
}

export class EgressApprovalsOut {
  @ApiProperty({ type: EgressApprovalOut, isArray: true }) items: EgressApprovalOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const egressApprovalOut = (row: EgressApproval): EgressApprovalOut => ({
  id: row.approvalId,
  partnerId: row.partnerId,
  provider: row.provider,
  target: row.target,
  port: row.port,
  reason: row.reason,
  approvedBy: row.approvedBy,
  approvedAt: row.approvedAt.toISOString(),
});
