import { EVENT_TYPES, type EventType, SEVERITIES, type Severity } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, Omittable, type Page, pageOf, PageQuery, type Principal, Problem, READERS, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsIn, IsInt, IsISO8601, Min } from 'class-validator';
import { EventActionRepository, type NotificationsOut } from '../outcomes/event-action.repository.js';
import { type EventFilter, type EventOut, EventRepository } from './event.repository.js';

export class EventsQuery extends PageQuery {
  @Omittable() @IsInt() @Min(1) accountNo?: number;
  @Omittable() @IsInt() @Min(1) custId?: number;
  @Omittable() @IsIn(EVENT_TYPES) type?: EventType;
  @Omittable() @IsIn(SEVERITIES) severity?: Severity;
  /** Received at this time or later. */
  @Omittable() @IsISO8601({ strict: true }) from?: string;
  /** Received before this time. */
  @Omittable() @IsISO8601({ strict: true }) to?: string;
}

/** The event log: what agents reported, and beside each event what came of it. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly events: EventRepository,
    private readonly actions: EventActionRepository,
  ) {}

  @Get()
  async list(@Caller() caller: Principal, @Query() query: EventsQuery): Promise<Page<EventOut>> {
    const filter = filterOf(query);
    const found = await this.events.list(caller, filter, query.limit + 1);
    const items = await this.events.withActions(caller, found.slice(0, query.limit));
    const last = found.length > query.limit ? items.at(-1) : undefined;
    const count = query.total
      ? await this.events.count(caller, { ...filter, beforeId: undefined })
      : undefined;
    return pageOf(items, last ? encodeCursor([last.eventId]) : null, count);
  }

  @Get(':id')
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<EventOut> {
    const found = await this.events.find(caller, id);
    if (!found) throw Problem.notFound();
    return this.events.withState(found);
  }

  @Get(':id/notifications')
  async notifications(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<NotificationsOut> {
    if (!(await this.events.find(caller, id))) throw Problem.notFound();
    return this.actions.notificationsOf(caller, id);
  }
}

function filterOf({ accountNo, custId, type, severity, from, to, cursor }: EventsQuery): EventFilter {
  return {
    accountNo,
    custId,
    type,
    severity,
    fromId: from === undefined ? undefined : lowestIdOf(from),
    toId: to === undefined ? undefined : lowestIdOf(to),
    beforeId: cursor === undefined ? undefined : String(decodeCursor(cursor)[0]),
  };
}

/** The smallest event id of a millisecond: the ids begin with the time of receipt. */
function lowestIdOf(time: string): string {
  const hex = Math.max(0, Date.parse(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
