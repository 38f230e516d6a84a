import { SEVERITIES, type Severity } from '@backhaul/domain';
import { PageQuery } from '@backhaul/http';
import { type Provider, PROVIDERS } from '@backhaul/messaging';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

const STATES = ['open', 'resolved'] as const;

export class IncidentsQuery extends PageQuery {
  @ApiProperty({ enum: STATES, required: false }) @IsOptional() @IsIn(STATES) state?: (typeof STATES)[number];
  @IsOptional() @IsInt() @Min(1) @Max(2_000_000_000) accountNo?: number;
  @IsOptional() @IsInt() @Min(1) @Max(2_000_000_000) custId?: number;
}

export class TicketOut {
  @ApiProperty({ enum: PROVIDERS }) provider: Provider;
  id: string;
  number: string;
  @ApiProperty({ type: String, nullable: true }) state: string | null;
  @ApiProperty({ type: String, nullable: true }) url: string | null;
}

export class TimelineOut {
  at: string;
  kind: string;
  text: string;
  @ApiProperty({ type: String, required: false }) eventId?: string;
}

export class IncidentOut {
  id: string;
  accountNo: number;
  custId: number;
  key: string;
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  @ApiProperty({ enum: SEVERITIES }) severity: Severity;
  openedAt: string;
  @ApiProperty({ type: String, nullable: true }) resolvedAt: string | null;
  occurrences: number;
  @ApiProperty({ type: TicketOut, required: false }) ticket?: TicketOut;
  @ApiProperty({ type: TimelineOut, isArray: true, required: false }) timeline?: TimelineOut[];
}

export class IncidentsOut {
  @ApiProperty({ type: IncidentOut, isArray: true }) items: IncidentOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ required: false }) total?: number;
  @ApiProperty({ required: false }) totalIsExact?: boolean;
}
