import { Caller, type Principal, Problem, READERS, Roles, UuidParam } from '@backhaul/http';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { EventActionRepository, type NotificationsOut } from '../outcomes/event-action.repository.js';
import type { Operation } from '../reprocessing/operation.js';
import { OperationRepository } from '../reprocessing/operation.repository.js';
import { EventFilters } from './event-filters.js';
import { EventPages, type FoundPage } from './event-pages.js';
import { type EventOut, EventRepository } from './event.repository.js';
import { SearchIn, searchOf } from './search.types.js';

export class EventsQuery extends EventFilters {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  /** `true` asks for the number of items as well. */
  @IsOptional() @IsBoolean() total?: boolean;
}

/** The event log: what agents reported, and beside each event what came of it. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly events: EventRepository,
    private readonly actions: EventActionRepository,
    private readonly pages: EventPages,
    private readonly operations: OperationRepository,
  ) {}

  @Get()
  async list(@Caller() caller: Principal, @Query() query: EventsQuery): Promise<FoundPage> {
    return this.pages.list(caller, query);
  }

  @Post('search')
  @HttpCode(200)
  async search(@Caller() caller: Principal, @Body() body: SearchIn): Promise<FoundPage> {
    return this.pages.search(caller, searchOf(body), body.limit ?? 50);
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
}
