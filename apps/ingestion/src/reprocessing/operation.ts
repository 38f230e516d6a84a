import { ApiProperty } from '@nestjs/swagger';

export const OPERATION_STATES = ['queued', 'running', 'done', 'failed'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

export interface OperationRow {
  operation_id: string;
  event_id: string;
  state: OperationState;
  problem: string | null;
  created_at: Date;
  finished_at: Date | null;
  total: number;
  done: number;
}

/** Work that takes longer than a request. */
export class Operation {
  id: string;
  @ApiProperty({ enum: OPERATION_STATES }) status: OperationState;
  /** Actions that came to an end. */
  done: number;
  /** Actions that the rules asked for; 0 until they have spoken. */
  total: number;
  @ApiProperty({ type: Object, nullable: true }) result: { eventId: string } | null;
  /** Why it failed, in words. */
  @ApiProperty({ type: Object, nullable: true }) problem: { detail: string } | null;
  eventId: string;
  createdAt: string;
  @ApiProperty({ type: String, nullable: true }) finishedAt: string | null;
}

export function operationOf(row: OperationRow): Operation {
  const { event_id: eventId, state: status, done, total } = row;
  return {
    id: row.operation_id,
    status,
    done,
    total,
    result: status === 'done' ? { eventId } : null,
    problem: row.problem === null ? null : { detail: row.problem },
    eventId,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
