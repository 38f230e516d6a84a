import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
} from 'class-validator';
import { type ApiKeyEntity, TOKEN_SCOPE } from '../api-keys/api-key.entity.js';

/** What an access token opens. */
export const TOKEN_KINDS = [TOKEN_SCOPE] as const;

export class CreateAccessTokenIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @ApiProperty({ enum: TOKEN_KINDS }) @IsIn(TOKEN_KINDS) kind: string;
  /** Within a year; a year from now when absent. */
  @IsOptional() @IsISO8601({ strict: true }) expiresAt?: string | null;
  /** IP addresses and CIDRs from which it may be used; from everywhere when there are none. */
  @ApiProperty({ type: String, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  allowedCidrs?: string[] | null;
  /** It reaches what hangs below this brand; the caller's own by default. */
  @IsOptional() @IsUUID() brandId?: string | null;
}

export class AccessTokenOut {
  id: string;
  name: string;
  @ApiProperty({ enum: TOKEN_KINDS }) kind: string;
  /** The readable part of the token. */
  keyId: string;
  /** Null: the whole partner. */
  @ApiProperty({ type: String, nullable: true }) brandId: string | null;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
  createdAt: string;
  /** From where it may be used; none: from everywhere. */
  @ApiProperty({ type: String, isArray: true }) allowedCidrs: string[];
  /** To the minute. */
  @ApiProperty({ type: String, nullable: true }) lastUsedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) lastUsedIp: string | null;
  /** The token itself, once. */
  @ApiProperty({ type: String, required: false }) token?: string;
}

export class AccessTokensOut {
  @ApiProperty({ type: AccessTokenOut, isArray: true }) items: AccessTokenOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export const accessTokenOut = (row: ApiKeyEntity): AccessTokenOut => ({
  id: row.apiKeyId,
  name: row.name,
  kind: TOKEN_SCOPE,
  keyId: row.keyId,
  brandId: row.brandId,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  allowedCidrs: row.allowedCidrs,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  lastUsedIp: row.lastUsedIp,
});
