import { PageQuery } from '@backhaul/http';
import { type Provider, PROVIDERS } from '@backhaul/messaging';
import type { BackupStatistics } from '@backhaul/psa';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { type Trigger, TRIGGERS } from './ledger.js';

export const SYNC_STATES = ['pending', 'pushed', 'skipped', 'failed', 'held', 'undone'] as const;
export type SyncState = (typeof SYNC_STATES)[number];

export class SyncsQuery extends PageQuery {
  @IsOptional() @IsInt() @Min(1) @Max(2_000_000_000) custId?: number;
  @ApiProperty({ enum: SYNC_STATES, required: false }) @IsOptional() @IsIn(SYNC_STATES) state?: SyncState;
}

export class StatisticsOut implements BackupStatistics {
  successfulBackupJobs: number;
  failedBackupJobs: number;
}

export class SyncOut {
  id: string;
  @ApiProperty({ enum: PROVIDERS }) provider: Provider;
  custId: number;
  @ApiProperty({ type: String, nullable: true }) customerName: string | null;
  /** What asked for it: an event, one that was reprocessed, a person, or the end of the twelve hours. */
  @ApiProperty({ enum: TRIGGERS }) trigger: Trigger;
  @ApiProperty({ enum: SYNC_STATES }) state: SyncState;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  /** What people read of it. */
  @ApiProperty({ type: String, nullable: true }) message: string | null;
  /** Figures as the PSA held them before; null where it was not asked. */
  @ApiProperty({ type: StatisticsOut, nullable: true }) before: StatisticsOut | null;
  /** Figures as they were pushed, absolute, of 30 days. */
  @ApiProperty({ type: StatisticsOut, nullable: true }) statistics: StatisticsOut | null;
  /** The first event that asked. */
  @ApiProperty({ type: String, nullable: true }) eventId: string | null;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  /** How many events asked; of a skipped one, how many the twelve hours held back. */
  events: number;
  createdAt: string;
  @ApiProperty({ type: String, nullable: true }) endedAt: string | null;
}

export class SyncsOut {
  @ApiProperty({ type: SyncOut, isArray: true }) items: SyncOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ required: false }) total?: number;
  @ApiProperty({ required: false }) totalIsExact?: boolean;
}

export class SyncOrdered {
  syncId: string;
  @ApiProperty({ enum: ['pending'] }) state: 'pending';
}
