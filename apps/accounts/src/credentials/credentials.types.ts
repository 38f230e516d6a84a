import { type Role, ROLES } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { AccountOut, accountOut } from '../accounts/accounts.types.js';
import type { AccountEntity } from '../accounts/account.entity.js';
import { IsBoolean, IsIn, IsOptional, IsString, Length } from 'class-validator';

const GIVEN_ROLES = ROLES.filter((role) => role !== 'platform-operator');

/** One of both; random is the better choice for an account of a program (A8). */
export class SetPasswordIn {
  @IsOptional() @IsString() @Length(1, 1024) password?: string | null;
  @IsOptional() @IsBoolean() randomPassword?: boolean | null;
}

export class PasswordOut {
  /** Only when it was made here, and only now. */
  @ApiProperty({ type: String, nullable: true }) password: string | null;
}

export class SetRoleIn {
  @ApiProperty({ enum: GIVEN_ROLES }) @IsIn(GIVEN_ROLES) role: Role;
}

export class RoleGivenOut extends AccountOut {
  /** Where the account's own notifications are switched: `GET` there lists what is on. */
  notificationOptions: string;
  /** An API account has no backups of which anybody should hear; nothing is switched off unless somebody does (A14). */
  @ApiProperty({ type: String, enum: ['switch-all-off'], nullable: true }) proposal: 'switch-all-off' | null;
}

export const roleGivenOut = (row: AccountEntity): RoleGivenOut => ({
  ...accountOut(row),
  notificationOptions: `/api/v1/accounts/${row.accountNo}/notification-options`,
  proposal: row.role === 'partner-api' ? 'switch-all-off' : null,
});
