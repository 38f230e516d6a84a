import { COUNTED_UP_TO, encodeCursor, type Page, pageOf } from '@backhaul/http';
import type { Scope } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { type EventFilters, searchOfFilters } from './event-filters.js';
import { EventFinder, type EventSearch } from './event-search.js';
import { lowestIdOf, timeOfId } from './event-time.js';
import { type EventFilter, type EventOut, EventRepository } from './event.repository.js';
import { idOf } from './search.types.js';

/** A page of a search. */
export interface FoundPage extends Page<EventOut> {
  /** Time was up: the log was looked through down to here, and the next page goes on from there. */
  searchedDownTo?: string;
}

export interface PagedFilters extends EventFilters {
  limit: number;
  cursor?: string;
  total?: boolean;
}

/** The event log page by page, newest first. */
@Injectable()
export class EventPages {
  constructor(
    private readonly events: EventRepository,
    private readonly finder: EventFinder,
  ) {}

  async list(scope: Scope, query: PagedFilters): Promise<FoundPage> {
    // What no index finds is looked for as a search is, so that a page of it takes bounded time.
    const { q, custId, type, severity } = query;
    if (scope.brandId !== null || [q, custId, type, severity].some((given) => given !== undefined))
      return this.filtered(scope, query);
    const filter = filterOf(query);
    const found = await this.events.list(scope, filter, query.limit + 1);
    const items = await this.events.withActions(scope, found.slice(0, query.limit));
    const last = found.length > query.limit ? items.at(-1) : undefined;
    const count = query.total
      ? await this.events.count(scope, { ...filter, beforeId: undefined })
      : undefined;
    return pageOf(items, last ? encodeCursor([last.eventId]) : null, count);
  }

  async search(scope: Scope, search: EventSearch, limit: number): Promise<FoundPage> {
    const { eventIds, lookedDownTo } = await this.finder.find(scope, search, limit + 1);
    const shown = await this.events.byIds(scope, eventIds.slice(0, limit));
    const items = await this.events.withActions(scope, shown);
    const goesOnBehind = eventIds.length > limit ? (eventIds[limit - 1] ?? null) : lookedDownTo;
    const page = pageOf(items, goesOnBehind === null ? null : encodeCursor([goesOnBehind]));
    return lookedDownTo === null ? page : { ...page, searchedDownTo: timeOfId(lookedDownTo) };
  }

  private async filtered(scope: Scope, query: PagedFilters): Promise<FoundPage> {
    const search: EventSearch = {
      ...searchOfFilters(query),
      ...(query.cursor !== undefined && { beforeId: idOf(query.cursor) }),
    };
    const page = await this.search(scope, search, query.limit);
    if (!query.total) return page;
    const all = await this.finder.find(scope, { ...search, beforeId: undefined }, COUNTED_UP_TO + 1);
    const counted = pageOf(page.items, page.nextCursor, all.eventIds.length);
    return { ...page, ...counted, ...(all.lookedDownTo !== null && { totalIsExact: false }) };
  }
}

function filterOf({ accountNo, from, to, cursor }: PagedFilters): EventFilter {
  return {
    accountNo,
    fromId: from === undefined ? undefined : lowestIdOf(Date.parse(from)),
    toId: to === undefined ? undefined : lowestIdOf(Date.parse(to)),
    beforeId: cursor === undefined ? undefined : idOf(cursor),
  };
}
