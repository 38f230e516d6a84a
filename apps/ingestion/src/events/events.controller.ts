import {
  Caller, COUNTED_UP_TO, encodeCursor, type Page, pageOf, type Principal, Problem, READERS, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { EventActionRepository, type NotificationsOut } from '../outcomes/event-action.repository.js';
import type { Operation } from '../reprocessing/operation.js';
import { OperationRepository } from '../reprocessing/operation.repository.js';
import { EventFilters, searchOfFilters } from './event-filters.js';
import { EventFinder, type EventSearch } from './event-search.js';
import { lowestIdOf, timeOfId } from './event-time.js';
import { type EventFilter, type EventOut, EventRepository } from './event.repository.js';
import { idOf, SearchIn, searchOf } from './search.types.js';

export class EventsQuery extends EventFilters {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  /** `true` asks for the number of items as well. */
  @IsOptional() @IsBoolean() total?: boolean;
}

/** A page of a search. */
export interface FoundPage extends Page<EventOut> {
  /** Time was up: the log was looked through down to here, and the next page goes on from there. */
  searchedDownTo?: string;
}

/** The event log: what agents reported, and beside each event what came of it. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly events: EventRepository,
    private readonly actions: EventActionRepository,
    private readonly finder: EventFinder,
    private readonly operations: OperationRepository,
  ) {}

  @Get()
  async list(@Caller() caller: Principal, @Query() query: EventsQuery): Promise<FoundPage> {
    // What no index finds is looked for as a search is, so that a page of it takes bounded time.
    const { q, custId, type, severity } = query;
    if (caller.brandId !== null || [q, custId, type, severity].some((given) => given !== undefined))
      return this.filtered(caller, query);
    const filter = filterOf(query);
    const found = await this.events.list(caller, filter, query.limit + 1);
    const items = await this.events.withActions(caller, found.slice(0, query.limit));
    const last = found.length > query.limit ? items.at(-1) : undefined;
    const count = query.total
      ? await this.events.count(caller, { ...filter, beforeId: undefined })
      : undefined;
    return pageOf(items, last ? encodeCursor([last.eventId]) : null, count);
  }

  @Post('search')
  @HttpCode(200)
  async search(@Caller() caller: Principal, @Body() body: SearchIn): Promise<FoundPage> {
    return this.page(caller, searchOf(body), body.limit ?? 50);
  }

  @Get(':id')
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<EventOut> {
    const found = await this.events.find(caller, id);
    if (!found) throw Problem.notFound();
    return this.events.withState(found);
  }

  @Get(':id/notifications')
  async notifications(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
  ): Promise<NotificationsOut & { reprocessings: Operation[] }> {
    if (!(await this.events.find(caller, id))) throw Problem.notFound();
    const reprocessings = await this.operations.ofEvent(caller, id);
    return { ...(await this.actions.notificationsOf(caller, id)), reprocessings };
  }

  private async filtered(caller: Principal, query: EventsQuery): Promise<FoundPage> {
    const search: EventSearch = {
      ...searchOfFilters(query),
      ...(query.cursor !== undefined && { beforeId: idOf(query.cursor) }),
    };
    const page = await this.page(caller, search, query.limit);
    if (!query.total) return page;
    const all = await this.finder.find(caller, { ...search, beforeId: undefined }, COUNTED_UP_TO + 1);
    const counted = pageOf(page.items, page.nextCursor, all.eventIds.length);
    return { ...page, ...counted, ...(all.lookedDownTo !== null && { totalIsExact: false }) };
  }

  private async page(caller: Principal, search: EventSearch, limit: number): Promise<FoundPage> {
    const { eventIds, lookedDownTo } = await this.finder.find(caller, search, limit + 1);
    const shown = await this.events.byIds(caller, eventIds.slice(0, limit));
    const items = await this.events.withActions(caller, shown);
    const goesOnBehind = eventIds.length > limit ? (eventIds[limit - 1] ?? null) : lookedDownTo;
    const page = pageOf(items, goesOnBehind === null ? null : encodeCursor([goesOnBehind]));
    return lookedDownTo === null ? page : { ...page, searchedDownTo: timeOfId(lookedDownTo) };
  }
}

function filterOf({ accountNo, from, to, cursor }: EventsQuery): EventFilter {
  return {
    accountNo,
    fromId: from === undefined ? undefined : lowestIdOf(Date.parse(from)),
    toId: to === undefined ? undefined : lowestIdOf(Date.parse(to)),
    beforeId: cursor === undefined ? undefined : idOf(cursor),
  };
}
