import { type Role, ROLES } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import type { ApiKeyEntity } from './api-key.entity.js';

export const API_SCOPES = ['read', 'write', 'events:write'] as const;
const KEY_ROLES = ROLES.filter((role) => role !== 'platform-operator' && role !== 'power-user');

export class CreateApiKeyIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @ApiProperty({ enum: API_SCOPES, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsIn(API_SCOPES, { each: true })
  scopes?: string[] | null;
  @ApiProperty({ enum: KEY_ROLES, required: false }) @IsOptional() @IsIn(KEY_ROLES) role?: Role | null;
  /** Within a year; a year from now when absent. */
  @IsOptional() @IsISO8601({ strict: true }) expiresAt?: string | null;
  /** IP addresses and CIDRs from which it may be used; from everywhere when there are none. */
  @ApiProperty({ type: String, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  allowedCidrs?: string[] | null;
  /** It sees what hangs below this brand; the caller's own by default. */
  @IsOptional() @IsUUID() brandId?: string | null;
}

export class RotateApiKeyIn {
  /** How long the old key works beside the new one; 0: it ends at once. A day when absent. */
  @IsOptional() @IsInt() @Min(0) @Max(720) overlapHours?: number | null;
}

export class ApiKeyOut {
  id: string;
  name: string;
  /** The readable part of the key. */
  keyId: string;
  @ApiProperty({ type: String, isArray: true }) scopes: string[];
  @ApiProperty({ enum: ROLES }) role: Role;
  /** Null: the whole partner. */
  @ApiProperty({ type: String, nullable: true }) brandId: string | null;
  @ApiProperty({ type: String, nullable: true }) expiresAt: string | null;
  createdAt: string;
  /** From where it may be used; none: from everywhere. */
  @ApiProperty({ type: String, isArray: true }) allowedCidrs: string[];
  /** It was replaced, and works until then; null: it was not. */
  @ApiProperty({ type: String, nullable: true }) overlapUntil: string | null;
  /** To the minute. */
  @ApiProperty({ type: String, nullable: true }) lastUsedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) lastUsedIp: string | null;
  /** The key itself, once. */
  @ApiProperty({ type: String, required: false }) key?: string;
}

export class ApiKeysOut {
  @ApiProperty({ type: ApiKeyOut, isArray: true }) items: ApiKeyOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export const apiKeyOut = (row: ApiKeyEntity): ApiKeyOut => ({
  id: row.apiKeyId,
  name: row.name,
  keyId: row.keyId,
  scopes: row.scopes,
  role: row.role,
  brandId: row.brandId,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  allowedCidrs: row.allowedCidrs,
  overlapUntil: row.overlapUntil?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  lastUsedIp: row.lastUsedIp,
});
