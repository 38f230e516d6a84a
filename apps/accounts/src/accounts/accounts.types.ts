import { PageQuery, type Role, ROLES } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import type { AccountEntity } from './account.entity.js';

const LARGEST_ID = 2_000_000_000;
const GIVEN_ROLES = ROLES.filter((role) => role !== 'platform-operator');

export class CreateAccountIn {
  @IsInt() @Min(1) @Max(LARGEST_ID) custId: number;
  @IsString() @Matches(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/) username: string;
  @IsOptional() @IsString() @Length(1, 256) password?: string | null;
  @IsOptional() @IsBoolean() randomPassword?: boolean | null;
  @IsOptional() @IsInt() @Min(1) @Max(LARGEST_ID) parentAccountNo?: number | null;
  @IsOptional() @IsString() @Length(1, 255) hostName?: string | null;
  @IsOptional() @IsString() @Length(1, 500) contact?: string | null;
  @ApiProperty({ enum: GIVEN_ROLES, required: false }) @IsOptional() @IsIn(GIVEN_ROLES) role?: Role | null;
}

export class ChangeAccountIn {
  @IsOptional() @IsString() @Length(1, 255) hostName?: string | null;
  @IsOptional() @IsString() @Length(1, 500) contact?: string | null;
}

export class AccountsQuery extends PageQuery {
  @IsOptional() @IsInt() @Min(1) @Max(LARGEST_ID) custId?: number;
  /** Part of the username or the host, or the account number. */
  @IsOptional() @IsString() @Length(1, 200) q?: string;
  /** The whole username, whatever its case. */
  @IsOptional() @IsString() @Length(1, 200) username?: string;
}

export class AccountOut {
  accountNo: number;
  custId: number;
  username: string;
  @ApiProperty({ type: String, nullable: true }) hostName: string | null;
  @ApiProperty({ type: Number, nullable: true }) parentAccountNo: number | null;
  @ApiProperty({ type: String, nullable: true }) contact: string | null;
  @ApiProperty({ enum: ROLES }) role: Role;
  /** ISO 8601 UTC. */
  createdAt: string;
  /** Only in the answer to the creation, and only when it was made here. */
  @ApiProperty({ type: String, required: false }) password?: string;
}

export class AccountsOut {
  @ApiProperty({ type: AccountOut, isArray: true }) items: AccountOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export const accountOut = (row: AccountEntity): AccountOut => ({
  accountNo: row.accountNo,
  custId: row.custId,
  username: row.username,
  hostName: row.hostName,
  parentAccountNo: row.parentAccountNo,
  contact: row.contact,
  role: row.role,
  createdAt: row.createdAt.toISOString(),
});
