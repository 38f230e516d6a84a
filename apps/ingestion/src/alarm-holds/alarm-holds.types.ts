import { isUuid, type PartnerId, PLATFORM } from '@backhaul/domain';
import { CheckedParam } from '@backhaul/http';
import { Param } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { type HeldAlarms, heldBy, untilOf, WHY } from './held-alarms.js';

/** In addresses and answers, the hold of all partners' alarms. */
const EVERYONE = 'platform';

/** Null for what names no hold. */
export function holdIdOf(text: string): PartnerId | null {
  const id = text.toLowerCase();
  if (text === EVERYONE) return PLATFORM;
  return isUuid(id) ? (id as PartnerId) : null;
}

export const nameOfHold = (id: PartnerId): string => (id === PLATFORM ? EVERYONE : id);

/** A path segment that names a hold, as its partner's id; 400 otherwise. */
export const HoldParam = (name: string): ParameterDecorator => {
  const schema = {
    type: 'string',
    pattern: `^(${EVERYONE}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$`,
  };
  return Param(name, new CheckedParam(name, holdIdOf, 'isHold', `a partner's id or "${EVERYONE}"`, schema));
};

/** Without `total`: alarms come and go while they are counted. */
export class AlarmHoldsQuery {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
}

export class AlarmHoldDecisionIn {
  /** Why, for the partners' audit logs. */
  @IsString() @Length(1, 500) @Matches(/\S/, { message: 'must say something' }) reason: string;
}

export class AlarmHoldOut {
  /** The partner's id; `platform` for the hold of all partners' alarms, with the sum of them. */
  @ApiProperty() id: string;
  /** Null for `platform`. */
  @ApiProperty({ type: String, nullable: true }) partnerName: string | null;
  /** Missed backups that are not told yet. */
  @ApiProperty() alarms: number;
  /** Since when the first of them waits; null where none does. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) since: string | null;
  /** By the `partner`'s own hold, or that of the `platform`; null: let out, and told within ten minutes. */
  @ApiProperty({ type: String, enum: ['partner', EVERYONE], nullable: true }) heldBy: string | null;
  @ApiProperty({ type: String, nullable: true }) why: string | null;
  /** When they go out by themselves, unless there was an outage meanwhile; null: they are let out. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) releasesAt: string | null;
}

export class AlarmHoldsOut {
  @ApiProperty({ type: AlarmHoldOut, isArray: true }) items: AlarmHoldOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class HeldAlarmsDoneOut {
  /** Alarms that were released or dropped. */
  @ApiProperty() alarms: number;
  /** Whose they were. */
  @ApiProperty() partners: number;
}

export function alarmHoldOut(held: HeldAlarms, now: Date): AlarmHoldOut {
  const by = heldBy(held, now);
  return {
    id: nameOfHold(held.partnerId),
    partnerName: held.partnerName,
    alarms: held.alarms,
    since: held.since?.toISOString() ?? null,
    heldBy: by,
    why: by && WHY[by],
    releasesAt: by && untilOf(held).toISOString(),
  };
}
