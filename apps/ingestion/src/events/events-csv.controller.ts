import type { Clock } from '@backhaul/domain';
import { Caller, type Principal, READERS, Roles } from '@backhaul/http';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CLOCK } from '../tokens.js';
import { CsvDownloads } from './csv-downloads.js';
import { EventExport } from './event-export.js';
import { EventFilters, searchOfFilters } from './event-filters.js';

/** The event log as a file. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1')
export class EventsCsvController {
  constructor(
    private readonly exports: EventExport,
    private readonly downloads: CsvDownloads,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('events.csv')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async download(
    @Caller() caller: Principal,
    @Query() query: EventFilters,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.downloads.send(reply, caller, {
      name: `events-${query.accountNo ?? 'all'}-${this.clock.now().toISOString().slice(0, 10)}.csv`,
      lines: this.exports.lines(caller, searchOfFilters(query)),
      act: { action: 'event.export', target: { kind: 'event', id: '*' }, detail: { ...query } },
    });
  }
}
