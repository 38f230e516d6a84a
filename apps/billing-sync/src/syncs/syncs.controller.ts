import {
  Caller, decodeCursor, encodeCursor, idempotently, NumberParam, type Page, pageOf, type Principal, Problem, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { IdempotencyTable } from '@backhaul/persistence';
import { Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OrderSyncHandler } from './order-sync.handler.js';
import { SyncViewRepository } from './sync-view.repository.js';
import { SyncOrdered, SyncOut, SyncsOut, SyncsQuery } from './syncs.types.js';

const PATH = 'api/v1';

/** Pushes of customers' figures to this PSA: what was pushed, held back or refused, when and why. */
@ApiTags('billing')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller(PATH)
export class SyncsController {
  constructor(
    private readonly syncs: SyncViewRepository,
    private readonly orderSync: OrderSyncHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get('syncs')
  @ApiOkResponse({ type: SyncsOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, ...filter }: SyncsQuery,
  ): Promise<Page<SyncOut>> {
    const before = cursor === undefined ? null : String(decodeCursor(cursor)[0]);
    const rows = await this.syncs.page(caller, filter, before, limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.syncs.count(caller, filter) : undefined;
    return pageOf(items, last ? encodeCursor([last.id]) : null, count);
  }

  @Get('syncs/:id')
  @ApiOkResponse({ type: SyncOut })
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<SyncOut> {
    const sync = await this.syncs.find(caller, id);
    if (!sync) throw Problem.notFound();
    return sync;
  }

  /** Pushes the figures of a customer now, whatever the twelve hours say, which begin anew with it. */
  @Post('customers/:custId/syncs')
  @Roles('partner-senior-manager', 'partner-senior-it-manager')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: SyncOrdered })
  async order(
    @Caller() caller: Principal,
    @NumberParam('custId') custId: number,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SyncOrdered> {
    const { partnerId, subject } = caller;
    const route = `POST /customers/${custId}/syncs by ${subject}`;
    const answer = await idempotently(this.idempotency, { partnerId, route, header, body: null }, async () => {
      const syncId = await this.orderSync.handle(caller, custId);
      return { status: 202, body: { syncId, state: 'pending' }, headers: { location: `/${PATH}/syncs/${syncId}` } };
    }); // prettier-ignore
    void reply.headers(answer.headers);
    return answer.body as SyncOrdered;
  }
}
