import {
  Caller,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOf,
  type Principal,
  Problem,
  READERS,
  Roles,
  UuidParam,
} from '@backhaul/http';
import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RetryLanesHandler } from '../lanes/retry-lanes.handler.js';
import { IncidentViewRepository } from './incident-view.repository.js';
import { IncidentOut, IncidentsOut, IncidentsQuery } from './incidents.types.js';
import { ResolveIncidentHandler } from './resolve-incident.handler.js';

/** Problems of accounts, open until they heal, and their tickets. */
@ApiTags('incidents')
@Roles(...READERS, 'power-user')
@Controller('api/v1/incidents')
export class IncidentsController {
  constructor(
    private readonly incidents: IncidentViewRepository,
    private readonly retryLanes: RetryLanesHandler,
    private readonly resolveIncident: ResolveIncidentHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: IncidentsOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, ...filter }: IncidentsQuery,
  ): Promise<Page<IncidentOut>> {
    const before = cursor === undefined ? null : String(decodeCursor(cursor)[0]);
    const rows = await this.incidents.page(caller, filter, { before, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.incidents.count(caller, filter) : undefined;
    return pageOf(items, last ? encodeCursor([`${last.openedAt}|${last.id}`]) : null, count);
  }

  @Get(':id')
  @ApiOkResponse({ type: IncidentOut })
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<IncidentOut> {
    const incident = await this.incidents.find(caller, id);
    if (!incident) throw Problem.notFound();
    return incident;
  }

  /** Sets going what waits for a person or for its next try; 409 when nothing of this problem does. */
  @Post(':id/retry')
  @Roles('partner-senior-manager', 'partner-senior-it-manager')
  @HttpCode(204)
  @ApiNoContentResponse()
  async retry(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    await this.retryLanes.ofIncident(caller, id);
  }

  /** The problem is over though no event says so: its ticket closes. 409 when it is resolved already. */
  @Post(':id/resolve')
  @Roles('partner-senior-manager', 'partner-senior-it-manager')
  @HttpCode(204)
  @ApiNoContentResponse()
  async resolve(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    await this.resolveIncident.handle(caller, id);
  }
}
