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

/** Keys that are left out stay as they are; so does a public key that comes back as it was shown, masked. */
export class ConnectWiseConnectionIn {
  @IsString() @MaxLength(500) siteUrl: string;
  @IsString() @MaxLength(100) companyId: string;
  @IsOptional() @IsString() @MaxLength(100) publicKey?: string | null;
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    description:
      'ConnectWise shows it only right after it was made. Lost: make a new pair of keys there, and enter both.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  privateKey?: string | null;
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

export const CONNECTION_STATES = [
  'not configured',
  'needs change',
  'credentials rejected',
  'configured',
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export class IntegratorLoginOut {
  name: string;
  passwordSet: boolean;
}

export class NoticeOut {
  @ApiProperty({ enum: ['soap-ends', 'soap-ended'] }) kind: 'soap-ends' | 'soap-ended';
  text: string;
}

/** The fields of a form in its order. ConnectWise begins with `siteUrl`, Autotask with `username`. */
export class ConnectionOut {
  @ApiProperty({ enum: PROVIDER_NAMES }) provider: ProviderName;
  isConfigured: boolean;
  @ApiProperty({ enum: CONNECTION_STATES }) state: ConnectionState;
  @ApiProperty({ type: String, nullable: true }) lastTestedAt: string | null;
  /** `soap`: an integrator login of before, which waits for API keys. */
  @ApiProperty({ enum: ['rest', 'soap'], nullable: true, required: false }) mode?: 'rest' | 'soap' | null;
  @ApiProperty({ type: String, required: false }) siteUrl?: string;
  @ApiProperty({ type: String, required: false }) companyId?: string;
  /** The last four characters behind asterisks. */
  @ApiProperty({ type: String, required: false }) publicKey?: string;
  @ApiProperty({ type: Boolean, required: false }) privateKeySet?: boolean;
  @ApiProperty({ type: String, required: false }) solutionName?: string;
  /** Absent once API keys are stored. */
  @ApiProperty({ type: IntegratorLoginOut, required: false }) integratorLogin?: IntegratorLoginOut;
  @ApiProperty({ type: String, required: false }) soapEndsAt?: string;
  @ApiProperty({ type: NoticeOut, nullable: true, required: false }) notice?: NoticeOut | null;
  @ApiProperty({ type: String, required: false }) username?: string;
  @ApiProperty({ type: Boolean, required: false }) passwordSet?: boolean;
  @ApiProperty({ type: Boolean, required: false }) trackingIdentifierSet?: boolean;
  @ApiProperty({ type: String, nullable: true, required: false }) apiUrl?: string | null;
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
  /** What a person reads of the reason. */
  @ApiProperty({ type: String, nullable: true }) message: string | null;
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
