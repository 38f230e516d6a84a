import { IsOptional, IsString, Length } from 'class-validator';

/** The same may be sent as `Authorization: Basic`. */
export class IssueTokenIn {
  @IsOptional() @IsString() @Length(1, 200) username?: string | null;
  @IsOptional() @IsString() @Length(1, 1024) password?: string | null;
}

export class TokenOut {
  /** Send it as `Authorization: Bearer`. */
  token: string;
  /** ISO 8601 UTC, 15 minutes from now. */
  expiresAt: string;
}
