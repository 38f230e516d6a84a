import { isUuid } from '@backhaul/domain';
import { decodeCursor, encodeCursor, Problem } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { HANDLER_ACTIONS, type HandlerActionKind } from './event-handler.js';
import { RUN_STATES, type RunState, stateOfRun } from './handler-run.js';
import type { RunPage, RunRow } from './handler-run.repository.js';

export class RunsQuery {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
}

export class RunActionOut {
  @ApiProperty({ enum: HANDLER_ACTIONS }) kind: HandlerActionKind;
  @ApiProperty({ enum: RUN_STATES }) state: RunState;
  /** Such as `sent`, `delivered`, `undelivered`, `bounced`, `late` or `silenced`. */
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty({ type: String, nullable: true }) message: string | null;
  /** When it came to that state. */
  @ApiProperty({ format: 'date-time' }) at: string;
}

export class RunOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) handlerId: string;
  /** Null where a web request set it going. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) eventId: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) requestId: string | null;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ format: 'date-time' }) at: string;
  /** `pending` until the last action ended; `failed` where one did. */
  @ApiProperty({ enum: RUN_STATES }) state: RunState;
  @ApiProperty({ type: RunActionOut, isArray: true }) actions: RunActionOut[];
}

export class RunsOut {
  @ApiProperty({ type: RunOut, isArray: true }) items: RunOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const runOut = (row: RunRow): RunOut => ({
  id: row.runId,
  handlerId: row.handlerId,
  eventId: row.eventId,
  requestId: row.requestId,
  accountNo: row.accountNo,
  at: row.at.toISOString(),
  state: stateOfRun(row.actions),
  actions: row.actions,
});

export const cursorAfter = ({ at, runId }: RunRow): string => encodeCursor([at.toISOString(), runId]);

/** @throws Problem 400 */
export function runAfter(cursor: string): RunPage['after'] {
  const [at, runId] = decodeCursor(cursor);
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at)) && isUuid(runId)) return { at, runId };
  throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
}
