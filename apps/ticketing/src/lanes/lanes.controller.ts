import {
  Caller,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOf,
  PageQuery,
  type Principal,
  Roles,
} from '@backhaul/http';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { type LaneView, RetryLanesHandler } from './retry-lanes.handler.js';

const STATES = ['idle', 'ready', 'running', 'attention'] as const;

export class LanesQuery extends PageQuery {
  @ApiProperty({ enum: STATES, required: false }) @IsOptional() @IsIn(STATES) state?: (typeof STATES)[number];
}

export class LaneOut implements LaneView {
  id: string;
  accountNo: number;
  custId: number;
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  waiting: number;
  nextAttemptAt: string;
}

export class LanesOut {
  @ApiProperty({ type: LaneOut, isArray: true }) items: LaneOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

/** The ordered work of each account on this PSA. */
@ApiTags('operations')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller('api/v1/lanes')
export class LanesController {
  constructor(private readonly lanes: RetryLanesHandler) {}

  @Get()
  @ApiOkResponse({ type: LanesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, state }: LanesQuery,
  ): Promise<Page<LaneOut>> {
    const rows = await this.lanes.page(
      caller,
      cursor === undefined ? '' : String(decodeCursor(cursor)[0]),
      limit + 1,
      state,
    );
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return pageOf(items, last ? encodeCursor([last.id]) : null);
  }

  @Post(':id/retry')
  @Roles('partner-senior-manager', 'partner-senior-it-manager')
  @HttpCode(204)
  @ApiNoContentResponse()
  async retry(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.lanes.one(caller, id);
  }
}
