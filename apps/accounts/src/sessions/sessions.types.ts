import { type FactorOwed, FACTORS_OWED, type Role, ROLES } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { PasskeyProofIn } from '../passkeys/passkeys.types.js';
import type { Person } from '../people/person.js';
import type { Session } from './session.repository.js';

export class LogInIn {
  @IsString() @Length(1, 200) username: string;
  @IsString() @Length(1, 1024) password: string;
  /** Of the authenticator, or a recovery code; needed once a second factor is set. */
  @IsOptional() @IsString() @Length(1, 40) code?: string | null;
}

export class StepUpIn {
  @IsOptional() @IsString() @Length(1, 1024) password?: string | null;
  @IsOptional() @IsString() @Length(1, 40) code?: string | null;
  /** The answer to `POST /session/passkey/options` with the purpose `step-up`. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => PasskeyProofIn) passkey?: PasskeyProofIn | null;
}

export class WhoOut {
  /** Null for an operator of the platform. */
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  username: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  partnerName: string;
  /** False: the portal asks to add one. */
  hasSecondFactor: boolean;
  /** The person's brand, or one above it, demands one. */
  isSecondFactorRequired: boolean;
  /** Until then the session opens nothing else: `add` a second factor, or `prove` the one that there is by a step-up. */
  @ApiProperty({ enum: FACTORS_OWED, nullable: true }) factorOwed: FactorOwed | null;
}

export class SessionOut {
  id: string;
  ip: string;
  userAgent: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  lastSeenAt: string;
  /** The session of this request. */
  isCurrent: boolean;
}

export class SessionsOut {
  @ApiProperty({ type: SessionOut, isArray: true }) items: SessionOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const whoOut = (person: Person, factorOwed: FactorOwed | null): WhoOut => ({
  accountNo: person.accountNo,
  username: person.username,
  role: person.role,
  partnerName: person.partnerName,
  hasSecondFactor: person.hasSecondFactor,
  isSecondFactorRequired: person.isSecondFactorRequired,
  factorOwed,
});

export const sessionOut = (session: Session, currentId: string): SessionOut => ({
  id: session.sessionId,
  ip: session.ip,
  userAgent: session.userAgent,
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  isCurrent: session.sessionId === currentId,
});
