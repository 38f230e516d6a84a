import {
  type Due, type JobSchedule, SCHEDULE_MODES, type ScheduleMode, type ScheduleSettings, type Weekday, WEEKDAYS,
} from '@backhaul/domain'; // prettier-ignore
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Length, Matches, Max, Min, ValidateNested,
} from 'class-validator'; // prettier-ignore

const AT = /^([01]\d|2[0-3]):[0-5]\d$/;
const JOB_ID = /^[0-9a-f]{16}$/;

export class WeeklyTimesIn {
  @ApiProperty({ enum: WEEKDAYS, isArray: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(7)
  @IsIn(WEEKDAYS, { each: true })
  days: Weekday[];
  /** `HH:MM` by the clock on the wall. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(48)
  @IsString({ each: true })
  @Matches(AT, { each: true })
  at: string[];
  /** An IANA name such as `Europe/Berlin`. */
  @IsString() @Length(1, 100) timeZone: string;
}

/** One of the two. */
export class ExpectedTimesIn {
  @IsOptional() @IsObject() @ValidateNested() @Type(() => WeeklyTimesIn) weekly?: WeeklyTimesIn | null;
  /** So many hours after the run before. */
  @ApiProperty({ type: Number, required: false, nullable: true, minimum: 1, maximum: 744 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(744)
  everyHours?: number | null;
}

class ModeIn {
  /** `learned` from when results come; `set` by `times`; `off`: nothing is expected. */
  @ApiProperty({ enum: SCHEDULE_MODES }) @IsIn(SCHEDULE_MODES) mode: ScheduleMode;
  /** With mode `set`, and only then. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => ExpectedTimesIn) times?: ExpectedTimesIn | null;
}

export class JobScheduleIn extends ModeIn {
  /** As `GET` names it. */
  @IsString() @Matches(JOB_ID) id: string;
}

export class NoneRecentIn {
  @IsInt() @Min(1) @Max(365) warnDays: number;
  @IsInt() @Min(1) @Max(365) errorDays: number;
}

/** What is left out is as by default. */
export class ScheduleIn extends ModeIn {
  /** After its time a run may begin so much later; 360 by default. */
  @IsOptional() @IsInt() @Min(15) @Max(10_080) graceMinutes?: number | null;
  /** Days without a backup that saved something: a warning after 3, an error after 5. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => NoneRecentIn) noneRecent?: NoneRecentIn | null;
  /** Days that a new account may be without a run; 3 by default. */
  @IsOptional() @IsInt() @Min(1) @Max(365) neverRunDays?: number | null;
  /** Hours that a run may go on without a sign of life; 24 by default. */
  @IsOptional() @IsInt() @Min(1) @Max(744) stalledHours?: number | null;
  /** Jobs for which something else holds than for the account. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => JobScheduleIn)
  jobs?: JobScheduleIn[] | null;
}

export class AlarmOut {
  @ApiProperty() type: string;
  @ApiProperty() severity: string;
  /** When it should have happened. */
  @ApiProperty({ format: 'date-time' }) expectedAt: string;
  /** When it is told, should nothing come. */
  @ApiProperty({ format: 'date-time' }) dueAt: string;
}

export class ScheduledJobOut {
  @ApiProperty() id: string;
  @ApiProperty({ type: String, nullable: true }) agent: string | null;
  @ApiProperty({ type: String, nullable: true }) hostName: string | null;
  @ApiProperty({ type: String, nullable: true }) jobName: string | null;
  @ApiProperty({ enum: SCHEDULE_MODES }) mode: ScheduleMode;
  @ApiProperty({ type: ExpectedTimesIn, nullable: true }) times: ExpectedTimesIn | null;
  /** Whether this holds for the job alone. */
  @ApiProperty() isOwn: boolean;
  @ApiProperty({ enum: ['waiting', 'missed', 'stalled'] }) status: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastRunAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) runningSince: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) expectedAt: string | null;
  @ApiProperty({ type: AlarmOut, nullable: true }) alarm: AlarmOut | null;
  /** From what it is known when the next run is expected, or why it is not. */
  @ApiProperty() why: string;
}

export class ScheduleOut {
  @ApiProperty() accountNo: number;
  @ApiProperty({ enum: SCHEDULE_MODES }) mode: ScheduleMode;
  @ApiProperty({ type: ExpectedTimesIn, nullable: true }) times: ExpectedTimesIn | null;
  @ApiProperty() graceMinutes: number;
  @ApiProperty({ type: NoneRecentIn }) noneRecent: NoneRecentIn;
  @ApiProperty() neverRunDays: number;
  @ApiProperty() stalledHours: number;
  @ApiProperty({ type: ScheduledJobOut, isArray: true }) jobs: ScheduledJobOut[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastSavedAt: string | null;
  /** Of the account as a whole. */
  @ApiProperty({ type: AlarmOut, nullable: true }) alarm: AlarmOut | null;
}

export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export const alarmOut = (due: Due | null): AlarmOut | null =>
  due && {
    type: due.type,
    severity: due.severity,
    expectedAt: new Date(due.expectedMs).toISOString(),
    dueAt: new Date(due.dueMs).toISOString(),
  };

export function timesOut({ times }: JobSchedule): ExpectedTimesIn | null {
  if (times === null) return null;
  if ('everyHours' in times) return { weekly: null, everyHours: times.everyHours };
  const { days, at, timeZone } = times.weekly;
  return { weekly: { days: [...days], at: [...at], timeZone }, everyHours: null };
}

export type SettingsOut = Pick<
  ScheduleOut,
  'mode' | 'times' | 'graceMinutes' | 'noneRecent' | 'neverRunDays' | 'stalledHours'
>;

export const settingsOut = (settings: ScheduleSettings): SettingsOut => ({
  mode: settings.mode,
  times: timesOut(settings),
  graceMinutes: settings.graceMinutes,
  noneRecent: { ...settings.noneRecent },
  neverRunDays: settings.neverRunDays,
  stalledHours: settings.stalledHours,
});
