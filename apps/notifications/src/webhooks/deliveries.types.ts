import type { HandlerId, RuleId } from '@backhaul/domain';
import { Omittable } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { DELIVERY_STATES, type DeliveryEntity, type DeliveryState } from './delivery.entity.js';

export class DeliveriesQuery {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  @Omittable() @IsUUID() ruleId?: RuleId;
  @Omittable() @IsUUID() handlerId?: HandlerId;
  @ApiProperty({ enum: DELIVERY_STATES, required: false })
  @Omittable()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;
}

export class DeliveryOut {
  /** The `webhook-id` that the receiver sees, the same at every attempt. */
  @ApiProperty({ format: 'uuid' }) id: string;
  /** Null where an event handler asked for it. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) ruleId: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) handlerId: string | null;
  /** Of the rule or the event handler. */
  @ApiProperty() ruleName: string;
  /** Null where a web request set the event handler going. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) eventId: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) requestId: string | null;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ enum: DELIVERY_STATES }) state: DeliveryState;
  @ApiProperty() attempts: number;
  /** Why it was not delivered so far. */
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  /** The HTTP status of the last answer. */
  @ApiProperty({ type: Number, nullable: true }) status: number | null;
  /** The beginning of the last answer, as one line of plain text. */
  @ApiProperty({ type: String, nullable: true }) answer: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) attemptedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endedAt: string | null;
}

export class DeliveriesOut {
  @ApiProperty({ type: DeliveryOut, isArray: true }) items: DeliveryOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export const deliveryOut = (row: DeliveryEntity): DeliveryOut => ({
  id: row.deliveryId,
  ruleId: row.ruleId,
  handlerId: row.handlerId,
  ruleName: row.ruleName,
  eventId: row.isRequest ? null : row.causeId,
  requestId: row.isRequest ? row.causeId : null,
  accountNo: row.accountNo,
  state: row.state,
  attempts: row.attempts,
  reason: row.reason,
  status: row.status,
  answer: row.answer,
  createdAt: row.createdAt.toISOString(),
  attemptedAt: row.attemptedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});
