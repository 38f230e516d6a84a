import {
  type AccountNo,
  type BrandId,
  type CustomerId,
  type EventType,
  toWellFormedText,
  type Weekday,
  WEEKDAYS,
} from '@backhaul/domain';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsISO8601, IsObject, IsOptional, IsString, Length, Matches, ValidateNested,
} from 'class-validator'; // prettier-ignore
import { RULEABLE_TYPES, ScopeIn } from '../rules/rules.types.js';
import { AS_ZONED, TIME, ZONED } from '../times.js';
import { quietUntil, type Silence, type SilenceScope, type SilenceSettings } from './silence.js';

const MAX_NAMES = 100;
const FROM = /^([01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** In any of these places, and there only for these machines and jobs; with none of them, for all of the partner. */
export class SilenceScopeIn extends ScopeIn {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  hostNames?: string[] | null;

  /** Names of jobs, or the agents' own ids of them. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  jobNames?: string[] | null;
}

class QuietIn {
  @IsOptional() @IsObject() @ValidateNested() @Type(() => SilenceScopeIn) scope?: SilenceScopeIn | null;

  /** None: all of them. */
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsIn(RULEABLE_TYPES, { each: true })
  eventTypes?: EventType[] | null;

  /** At once, where it is left out. */
  @IsOptional() @IsISO8601(TIME) @Matches(ZONED, AS_ZONED) startsAt?: string | null;
  @IsString() @Length(1, 500) @Matches(/\S/, { message: 'reason must not be blank' }) reason: string;
}

/** A silence as it is created. */
export class SilenceIn extends QuietIn {
  @IsISO8601(TIME) @Matches(ZONED, AS_ZONED) endsAt: string;
}

export class WeeklyIn {
  /** The days on which it begins. */
  @ApiProperty({ enum: WEEKDAYS, isArray: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(7)
  @IsIn(WEEKDAYS, { each: true })
  days: Weekday[];
  /** `HH:MM` by the clock on the wall. */
  @IsString() @Matches(FROM) from: string;
  /** `HH:MM` up to `24:00`; before `from`, it is that of the day after. */
  @IsString() @Matches(TO) to: string;
  /** An IANA name such as `Europe/Berlin`. */
  @IsString() @Length(1, 100) timeZone: string;
}

/** A maintenance window as it is created: once from `startsAt` to `endsAt`, or each week between the two. */
export class MaintenanceWindowIn extends QuietIn {
  /** May be left out with `weekly`: then it comes again until it is deleted. */
  @IsOptional() @IsISO8601(TIME) @Matches(ZONED, AS_ZONED) endsAt?: string | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => WeeklyIn) weekly?: WeeklyIn | null;
}

const unique = <T>(values: readonly T[] | null | undefined): T[] => [...new Set(values)];
const names = (values: readonly string[] | null | undefined): string[] =>
  unique(values?.map(toWellFormedText));

export const silenceSettingsOf = (body: SilenceIn, now: Date): SilenceSettings => ({
  ...quietOf(body, now),
  kind: 'silence',
  endsAt: new Date(body.endsAt),
  weekly: null,
});

export function windowSettingsOf({ weekly, ...body }: MaintenanceWindowIn, now: Date): SilenceSettings {
  return {
    ...quietOf(body, now),
    kind: 'maintenance',
    endsAt: body.endsAt ? new Date(body.endsAt) : null,
    weekly: weekly ? { ...weekly, days: unique(weekly.days) } : null,
  };
}

function quietOf(
  { scope, ...body }: QuietIn,
  now: Date,
): Omit<SilenceSettings, 'kind' | 'endsAt' | 'weekly'> {
  return {
    scope: {
      brandIds: unique(scope?.brandIds) as BrandId[],
      custIds: unique(scope?.custIds) as CustomerId[],
      accountNos: unique(scope?.accountNos) as AccountNo[],
      hostNames: names(scope?.hostNames),
      jobNames: names(scope?.jobNames),
    },
    eventTypes: unique(body.eventTypes),
    startsAt: body.startsAt ? new Date(body.startsAt) : now,
    reason: toWellFormedText(body.reason).trim(),
  };
}

const STATES = ['planned', 'active', 'idle', 'ended'] as const;

export class SilenceOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() scope: SilenceScopeIn;
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true }) eventTypes: EventType[];
  @ApiProperty({ format: 'date-time' }) startsAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endsAt: string | null;
  @ApiProperty() reason: string;
  /** `idle`: between two weeks. */
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  /** While it is active: until when. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) activeUntil: string | null;
  /** Who made it: `account:<no>` or `key:<key id>`. */
  @ApiProperty() createdBy: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  /** For the If-Match of DELETE. */
  @ApiProperty() etag: string;
}

export class MaintenanceWindowOut extends SilenceOut {
  @ApiProperty({ type: WeeklyIn, nullable: true }) weekly: WeeklyIn | null;
}

export class SilencesOut {
  @ApiProperty({ type: SilenceOut, isArray: true }) items: SilenceOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000; above that a lower bound. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export class MaintenanceWindowsOut {
  @ApiProperty({ type: MaintenanceWindowOut, isArray: true }) items: MaintenanceWindowOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000; above that a lower bound. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

const filled = <T>(values: readonly T[]): T[] | undefined => (values.length > 0 ? [...values] : undefined);

function scopeOut(scope: SilenceScope): SilenceScopeIn {
  const all = Object.entries(scope) as [keyof SilenceScope, readonly unknown[]][];
  return Object.fromEntries(all.filter(([, values]) => filled(values) !== undefined));
}

function stateOf(silence: Silence, nowMs: number): SilenceOut['state'] {
  if (nowMs < silence.startsAt.getTime()) return 'planned';
  if (silence.endsAt !== null && nowMs >= silence.endsAt.getTime()) return 'ended';
  return quietUntil(silence, nowMs) === null ? 'idle' : 'active';
}

export function silenceOut(silence: Silence, etag: string, now: Date): SilenceOut {
  const untilMs = quietUntil(silence, now.getTime());
  return {
    id: silence.id,
    scope: scopeOut(silence.scope),
    eventTypes: [...silence.eventTypes],
    startsAt: silence.startsAt.toISOString(),
    endsAt: silence.endsAt?.toISOString() ?? null,
    reason: silence.reason,
    state: stateOf(silence, now.getTime()),
    activeUntil: untilMs === null ? null : new Date(untilMs).toISOString(),
    createdBy: silence.createdBy,
    createdAt: silence.createdAt.toISOString(),
    etag,
  };
}

export const maintenanceWindowOut = (silence: Silence, etag: string, now: Date): MaintenanceWindowOut => ({
  ...silenceOut(silence, etag, now),
  weekly: silence.weekly ? { ...silence.weekly, days: [...silence.weekly.days] } : null,
});
