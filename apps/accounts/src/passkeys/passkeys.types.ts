import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  Equals,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { Passkey } from './passkey.repository.js';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

class AttestationIn {
  @IsString() @MaxLength(4000) @Matches(BASE64URL) clientDataJSON: string;
  @IsString() @MaxLength(20_000) @Matches(BASE64URL) attestationObject: string;
  @IsOptional() @IsString() @MaxLength(20_000) authenticatorData?: string | null;
  @ApiProperty({ type: String, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @MaxLength(20, { each: true })
  transports?: string[] | null;
  @IsOptional() @IsInt() publicKeyAlgorithm?: number | null;
  @IsOptional() @IsString() @MaxLength(20_000) publicKey?: string | null;
}

class AssertionIn {
  @IsString() @MaxLength(4000) @Matches(BASE64URL) clientDataJSON: string;
  @IsString() @MaxLength(4000) @Matches(BASE64URL) authenticatorData: string;
  @IsString() @MaxLength(4000) @Matches(BASE64URL) signature: string;
  @IsOptional() @IsString() @MaxLength(200) @Matches(BASE64URL) userHandle?: string | null;
}

class CredentialIn {
  /** Base64url. */
  @IsString() @Length(1, 1400) @Matches(BASE64URL) id: string;
  @IsString() @Length(1, 1400) @Matches(BASE64URL) rawId: string;
  @Equals('public-key') type: string;
  @IsOptional() @IsString() @MaxLength(30) authenticatorAttachment?: string | null;
  @IsOptional() @IsObject() clientExtensionResults?: Record<string, unknown> | null;
}

/** `PublicKeyCredential.toJSON()` of a browser that made a passkey. */
export class NewCredentialIn extends CredentialIn {
  @IsObject() @ValidateNested() @Type(() => AttestationIn) response: AttestationIn;
}

/** `PublicKeyCredential.toJSON()` of a browser that used a passkey. */
export class PasskeyProofIn extends CredentialIn {
  @IsObject() @ValidateNested() @Type(() => AssertionIn) response: AssertionIn;
}

export class AddPasskeyIn {
  /** Such as the name of the device. */
  @IsString() @Length(1, 100) @Matches(/\S/) name: string;
  @IsObject() @ValidateNested() @Type(() => NewCredentialIn) credential: NewCredentialIn;
}

export class PasskeyOptionsIn {
  /** `step-up` proves again who is logged in; `log-in` when absent. */
  @ApiProperty({ enum: ['log-in', 'step-up'], required: false })
  @IsOptional()
  @IsIn(['log-in', 'step-up'])
  purpose?: 'log-in' | 'step-up' | null;
}

/** For `navigator.credentials.create()` or `.get()`, as `parseCreationOptionsFromJSON()` and its sister take it. */
export class PasskeyOptionsOut {
  @ApiProperty({ type: Object }) publicKey: Record<string, unknown>;
}

export class PasskeyOut {
  id: string;
  name: string;
  createdAt: string;
  @ApiProperty({ type: String, nullable: true }) lastUsedAt: string | null;
}

export class PasskeysOut {
  @ApiProperty({ type: PasskeyOut, isArray: true }) items: PasskeyOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const passkeyOut = ({ passkeyId, name, createdAt, lastUsedAt }: Passkey): PasskeyOut => ({
  id: passkeyId,
  name,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
