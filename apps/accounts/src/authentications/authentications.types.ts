import { IsBoolean, IsIn, IsOptional, IsString, Length } from 'class-validator';

/** What a request showed at the gateway. */
export class AuthenticationIn {
  @IsIn(['session', 'token', 'basic']) kind: 'session' | 'token' | 'basic';
  /** SHA-256 of the session's secret, hex; the token; the password. */
  @IsString() @Length(1, 1024) secret: string;
  @IsOptional() @IsString() @Length(1, 200) username?: string | null;
  @IsString() @Length(1, 100) ip: string;
  /** The gateway asks of itself, for a stream that is open: it is no use of the session. */
  @IsOptional() @IsBoolean() isPassive?: boolean;
}
