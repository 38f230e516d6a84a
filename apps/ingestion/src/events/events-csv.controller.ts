import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { Clock } from '@backhaul/domain';
import { attachment, Caller, CSV_MEDIA_TYPE, type Principal, Problem, READERS, Roles } from '@backhaul/http';
import { outboxAuditTrail, UnitOfWork } from '@backhaul/persistence';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CLOCK } from '../tokens.js';
import { EventExport } from './event-export.js';
import { EventFilters, searchOfFilters } from './event-filters.js';

/** Each holds a page in memory, and works the database for as long as its reader can take it. */
const MOST_AT_ONCE = 4;

/** The event log as a file. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1')
export class EventsCsvController {
  private underWay = 0;

  constructor(
    private readonly exports: EventExport,
    private readonly unitOfWork: UnitOfWork,
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
    if (this.underWay >= MOST_AT_ONCE)
      throw Problem.tooBusy(10, 'Other event logs are being downloaded; try again in a moment.');
    this.underWay += 1;
    try {
      await this.audit(caller, query);
    } catch (error) {
      this.underWay -= 1;
      throw error;
    }
    // Pages are read as the reader takes them, long after the handler: still in the caller's name (ADR 6).
    const inContext = AsyncLocalStorage.snapshot();
    const lines = this.exports.lines(caller, searchOfFilters(query));
    const next = (): Promise<IteratorResult<string, void>> => inContext(() => lines.next());
    const bound = { [Symbol.asyncIterator]: () => ({ next, return: () => lines.return() }) };
    const stream = Readable.from(bound, { highWaterMark: 1 });
    stream.once('close', () => (this.underWay -= 1));
    const name = `events-${query.accountNo ?? 'all'}-${this.clock.now().toISOString().slice(0, 10)}.csv`;
    const headers = { 'content-type': CSV_MEDIA_TYPE, 'content-disposition': attachment(name) };
    await reply.headers({ ...headers, 'cache-control': 'no-store' }).send(stream);
  }

  private audit({ partnerId }: Principal, query: EventFilters): Promise<void> {
    const act = { action: 'event.export', target: { kind: 'event', id: '*' }, detail: { ...query } };
    return this.unitOfWork.run((tx) => outboxAuditTrail.record(tx, partnerId, act));
  }
}
