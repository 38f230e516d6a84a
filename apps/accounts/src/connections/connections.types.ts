import { PROVIDER_NAMES, type ProviderName } from '@backhaul/psa';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

export class IntegratorLoginIn {
  @IsString() @MaxLength(200) name: string;
  @IsString() @MaxLength(200) password: string;
}

/** A secret that is left out stays as it is. */
export class ConnectWiseConnectionIn {
  @IsString() @MaxLength(500) siteUrl: string;
  @IsString() @MaxLength(100) companyId: string;
  @IsString() @MaxLength(100) publicKey: string;
  @IsOptional() @IsString() @MaxLength(100) privateKey?: string | null;
  @IsString() @MaxLength(30) solutionName: string;
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => IntegratorLoginIn)
  integratorLogin?: IntegratorLoginIn | null;
}

export class AutotaskConnectionIn {
  @IsString() @MaxLength(200) username: string;
  @IsOptional() @IsString() @MaxLength(200) password?: string | null;
  @IsOptional() @IsString() @MaxLength(100) trackingIdentifier?: string | null;
  @IsOptional() @IsString() @MaxLength(500) apiUrl?: string | null;
}

export class ConnectionOut {
  @ApiProperty({ enum: PROVIDER_NAMES }) provider: ProviderName;
  isConfigured: boolean;
  @ApiProperty({ type: String, required: false }) siteUrl?: string;
  @ApiProperty({ type: String, required: false }) companyId?: string;
  @ApiProperty({ type: String, required: false }) publicKey?: string;
  @ApiProperty({ type: String, required: false }) solutionName?: string;
  @ApiProperty({ type: Boolean, required: false }) privateKeySet?: boolean;
  @ApiProperty({ type: String, required: false }) username?: string;
  @ApiProperty({ type: String, nullable: true, required: false }) apiUrl?: string | null;
  @ApiProperty({ type: Boolean, required: false }) passwordSet?: boolean;
  @ApiProperty({ type: Boolean, required: false }) trackingIdentifierSet?: boolean;
}

export class TicketingIn {
  @IsOptional() @IsInt() @Min(1) boardId?: number | null;
  /** `null` is Do Not Map (D26). */
  @IsOptional() @IsInt() @Min(1) queueId?: number | null;
  @IsOptional() @IsInt() @Min(0) newStatusId?: number | null;
  @IsOptional() @IsInt() @Min(0) completeStatusId?: number | null;
  @IsOptional() @IsInt() @Min(0) priorityId?: number | null;
  @IsOptional() @IsString() @Length(0, 60) subjectPrefix?: string | null;
}

export class StatisticsIn {
  @IsBoolean() enabled: boolean;
}

export class BillingIn {
  @IsOptional() @IsBoolean() updateInvoiceDescriptions?: boolean | null;
  @IsOptional() @IsNumber() @Min(0) @Max(1000) holdAbovePercent?: number | null;
  @IsOptional() @IsObject() services?: Record<string, boolean | number | null> | null;
}

export class SettingsIn {
  @IsBoolean() enabled: boolean;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => TicketingIn) ticketing?: TicketingIn | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => StatisticsIn) statistics?: StatisticsIn | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => BillingIn) billing?: BillingIn | null;
}

export class SettingsOut extends SettingsIn {}

export const NO_SETTINGS: SettingsOut = {
  enabled: false,
  ticketing: {},
  statistics: { enabled: false },
  billing: {},
};

export class CheckStepOut {
  name: string;
  isOk: boolean;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
}

export class CheckOut {
  isOk: boolean;
  @ApiProperty({ type: String, nullable: true }) version: string | null;
  @ApiProperty({ type: CheckStepOut, isArray: true }) steps: CheckStepOut[];
}

export class ProviderOut {
  @ApiProperty({ enum: PROVIDER_NAMES }) id: ProviderName;
  name: string;
  isConfigured: boolean;
}
