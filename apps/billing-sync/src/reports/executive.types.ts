import { PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { StatisticsOut } from '../syncs/syncs.types.js';

export class ExecutiveQuery extends PageQuery {
  @IsOptional() @IsInt() @Min(1) @Max(2_000_000_000) custId?: number;
}

export class ExecutiveOut {
  custId: number;
  customerName: string;
  /** The UTC days that are counted, both included, `2026-11-22`. */
  from: string;
  to: string;
  /** As they are now. */
  statistics: StatisticsOut;
  /** As the PSA holds them; null before the first push. */
  @ApiProperty({ type: StatisticsOut, nullable: true }) pushed: StatisticsOut | null;
  @ApiProperty({ type: String, nullable: true }) pushedAt: string | null;
}

export class ExecutivesOut {
  @ApiProperty({ type: ExecutiveOut, isArray: true }) items: ExecutiveOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ required: false }) total?: number;
  @ApiProperty({ required: false }) totalIsExact?: boolean;
}
