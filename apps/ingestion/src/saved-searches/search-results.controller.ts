import type { Clock } from '@backhaul/domain';
import { Caller, type Principal, READERS, Roles, UuidParam } from '@backhaul/http';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CsvDownloads } from '../events/csv-downloads.js';
import { CLOCK } from '../tokens.js';
import { ChangeSavedSearchesHandler } from './change-saved-searches.handler.js';
import { ResultsOut, ResultsQuery } from './saved-searches.types.js';
import { SearchResults } from './search-results.js';

/** What saved searches find: always within the scope of who asks, whoever saved them. */
@ApiTags('saved searches')
@Roles(...READERS)
@Controller('api/v1/saved-searches')
export class SearchResultsController {
  constructor(
    private readonly searches: ChangeSavedSearchesHandler,
    private readonly results: SearchResults,
    private readonly downloads: CsvDownloads,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':id/results')
  @ApiOkResponse({ type: ResultsOut })
  async page(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Query() query: ResultsQuery,
  ): Promise<ResultsOut> {
    return this.results.page(caller, await this.searches.find(caller, id), query);
  }

  /** The same rows, columns and order as a file. */
  @Get(':id/results.csv')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async download(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const search = await this.searches.find(caller, id);
    await this.downloads.send(reply, caller, {
      name: `${search.kind}-${this.clock.now().toISOString().slice(0, 10)}.csv`,
      lines: this.results.lines(caller, search),
      act: {
        action: 'saved-search.export',
        target: { kind: 'saved-search', id },
        detail: { name: search.name, kind: search.kind },
      },
    });
  }
}
