import { type Role, ROLES } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
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
