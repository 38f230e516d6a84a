import { Caller, decodeCursor, encodeCursor, type Page, pageOf, type Principal, Roles } from '@backhaul/http';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type LaneView, LaneViewRepository } from './lane-view.repository.js';
import { LanesOut, LanesQuery } from './lanes.types.js';
import { RetryLanesHandler } from './retry-lanes.handler.js';

/** The ordered work of each account on this PSA: what waits, since when and why. */
@ApiTags('operations')
@Roles(
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-read-only',
  'partner-api',
  'platform-operator',
)
@Controller('api/v1/lanes')
export class LanesController {
  constructor(
    private readonly lanes: LaneViewRepository,
    private readonly retryLanes: RetryLanesHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: LanesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, ...filter }: LanesQuery,
  ): Promise<Page<LaneView>> {
    const before = cursor === undefined ? null : String(decodeCursor(cursor)[0]);
    const rows = await this.lanes.page(caller, filter, before, limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.lanes.count(caller, filter) : undefined;
    return pageOf(items, last ? encodeCursor([last.id]) : null, count);
  }

  /** Sets going what waits for a person or for its next try; 409 when nothing does. */
  @Post(':id/retry')
  @Roles('partner-senior-manager', 'partner-senior-it-manager', 'platform-operator')
  @HttpCode(204)
  @ApiNoContentResponse()
  async retry(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.retryLanes.one(caller, id);
  }
}
