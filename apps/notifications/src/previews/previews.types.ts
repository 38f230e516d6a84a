import { type CanonicalEvent, type EventType, SEVERITIES, type Severity } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsObject, IsOptional, Matches, Max, Min, ValidateNested } from 'class-validator';
import { RuleIn, RULEABLE_TYPES } from '../rules/rules.types.js';
import { AS_ZONED, TIME, ZONED } from '../times.js';
import type { LogFilter } from './event-log.client.js';
import type { Previewed } from './preview-rule.handler.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 30;
const USUAL_DAYS = 7;
const USUAL_EXAMPLES = 20;

export class PreviewIn {
  /** As it would be created; whether it is enabled does not matter. */
  @IsObject() @ValidateNested() @Type(() => RuleIn) rule: RuleIn;
  /** Of the last 30 days; 7 days ago where it is left out. */
  @IsOptional() @IsISO8601(TIME) @Matches(ZONED, AS_ZONED) from?: string | null;
  /** Now, where it is left out. */
  @IsOptional() @IsISO8601(TIME) @Matches(ZONED, AS_ZONED) to?: string | null;
  /** How many examples to show. */
  @IsInt() @Min(0) @Max(100) limit: number = USUAL_EXAMPLES;
}

/** @throws Problem 422 */
export function windowOf({ from, to }: PreviewIn, now: Date): Pick<LogFilter, 'from' | 'to'> {
  const endMs = to ? Date.parse(to) : now.getTime();
  const startMs = from ? Date.parse(from) : Math.min(endMs, now.getTime()) - USUAL_DAYS * DAY_MS;
  const refuse = (pointer: string, detail: string, rule: string): never => {
    throw Problem.unprocessable('There is nothing to look through.', [{ pointer, detail, rule }]);
  };
  if (endMs <= startMs) refuse('/to', 'must be after from', 'after');
  if (startMs < now.getTime() - DAYS * DAY_MS - DAY_MS / 24)
    refuse('/from', `must be of the last ${DAYS} days`, 'within');
  return { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString() };
}

export class PreviewDayOut {
  /** In UTC. */
  @ApiProperty({ format: 'date' }) day: string;
  @ApiProperty() count: number;
}

export class PreviewTypeOut {
  @ApiProperty({ enum: RULEABLE_TYPES }) type: EventType;
  @ApiProperty() count: number;
}

export class PreviewExampleOut {
  @ApiProperty({ format: 'uuid' }) eventId: string;
  @ApiProperty({ format: 'date-time' }) receivedAt: string;
  @ApiProperty({ enum: RULEABLE_TYPES }) type: EventType;
  @ApiProperty({ enum: SEVERITIES }) severity: Severity;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ type: Number, nullable: true }) custId: number | null;
  @ApiProperty({ type: String, nullable: true }) hostName: string | null;
  @ApiProperty({ type: String, nullable: true }) jobName: string | null;
  @ApiProperty({ type: String, nullable: true }) message: string | null;
}

export class PreviewOut {
  @ApiProperty({ format: 'date-time' }) from: string;
  @ApiProperty({ format: 'date-time' }) to: string;
  /** Events that the rule would have acted on, whatever silences held, and each for itself: `siteOutage` is left out. */
  @ApiProperty() count: number;
  /** Problems that its `after` and `flapping` would have held back to their end, or to that of the window. */
  @ApiProperty() held: number;
  /** False where the time was up before all of the log was seen. */
  @ApiProperty() isComplete: boolean;
  /** Where it is not complete: all that was received from this time on was seen. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lookedDownTo: string | null;
  /** Days on which there were any, newest first. */
  @ApiProperty({ type: PreviewDayOut, isArray: true }) byDay: PreviewDayOut[];
  /** The most frequent first. */
  @ApiProperty({ type: PreviewTypeOut, isArray: true }) byEventType: PreviewTypeOut[];
  /** Newest first. */
  @ApiProperty({ type: PreviewExampleOut, isArray: true }) examples: PreviewExampleOut[];
}

const exampleOut = ({ eventId, receivedAt, type, outcome, tenant, identity, job }: CanonicalEvent): PreviewExampleOut => ({
  eventId,
  receivedAt,
  type,
  severity: outcome.severity,
  accountNo: tenant.accountNo,
  custId: tenant.customerId,
  hostName: identity.hostName,
  jobName: job.jobName ?? job.nativeJobId,
  message: outcome.message,
}); // prettier-ignore

export function previewOut(window: Pick<LogFilter, 'from' | 'to'>, found: Previewed): PreviewOut {
  return {
    ...window,
    count: found.count,
    held: found.held,
    isComplete: found.lookedDownTo === null,
    lookedDownTo: found.lookedDownTo,
    byDay: [...found.byDay].sort(([a], [b]) => (a < b ? 1 : -1)).map(([day, count]) => ({ day, count })),
    byEventType: [...found.byEventType]
      .sort(([, a], [, b]) => b - a)
      .map(([type, count]) => ({ type, count })),
    examples: found.examples.map(exampleOut),
  };
}
