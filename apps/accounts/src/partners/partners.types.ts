import { PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import type { PartnerEntity } from './partner.entity.js';

export class PartnersQuery extends PageQuery {}

export class SuspensionIn {
  /** Why, for the partner's audit log. */
  @IsString() @Length(1, 500) @Matches(/\S/, { message: 'must say something' }) reason: string;
}

export class PartnerOut {
  id: string;
  name: string;
  isSuspended: boolean;
  @ApiProperty({ type: String, nullable: true }) suspendedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) suspensionReason: string | null;
}

export class PartnersOut {
  @ApiProperty({ type: PartnerOut, isArray: true }) items: PartnerOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const partnerOut = (partner: PartnerEntity): PartnerOut => ({
  id: partner.partnerId,
  name: partner.name,
  isSuspended: partner.isSuspended,
  suspendedAt: partner.suspendedAt?.toISOString() ?? null,
  suspensionReason: partner.suspensionReason,
});
