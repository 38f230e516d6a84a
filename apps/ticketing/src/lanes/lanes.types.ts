import { PageQuery } from '@backhaul/http';
import { type Provider, PROVIDERS } from '@backhaul/messaging';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { LaneView } from './lane-view.repository.js';
import { WAITING_KINDS } from './why-waiting.js';

const STATES = ['idle', 'ready', 'running', 'attention'] as const;

export class LanesQuery extends PageQuery {
  @ApiProperty({ enum: STATES, required: false }) @IsOptional() @IsIn(STATES) state?: (typeof STATES)[number];
  @IsOptional() @IsInt() @Min(1) @Max(2_000_000_000) accountNo?: number;
}

export class WhyOut {
  @ApiProperty({ enum: WAITING_KINDS }) kind: (typeof WAITING_KINDS)[number];
  /** The setting to put right, where a person must. */
  @ApiProperty({ type: String, nullable: true }) field: string | null;
  text: string;
  /** ISO 8601 UTC: when it goes on by itself, where that is known. */
  @ApiProperty({ type: String, nullable: true }) until: string | null;
}

export class LaneOut implements LaneView {
  id: string;
  @ApiProperty({ enum: PROVIDERS }) provider: Provider;
  partnerId: string;
  accountNo: number;
  custId: number;
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  waiting: number;
  @ApiProperty({ type: String, nullable: true }) waitingSince: string | null;
  nextAttemptAt: string;
  @ApiProperty({ type: WhyOut, nullable: true }) why: WhyOut | null;
}

export class LanesOut {
  @ApiProperty({ type: LaneOut, isArray: true }) items: LaneOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ required: false }) total?: number;
  @ApiProperty({ required: false }) totalIsExact?: boolean;
}
