import { Caller, encodeCursor, pageOf, type Principal, Roles, UuidParam } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created } from '../answers.js';
import { afterUuid } from '../paging.js';
import { BrandChangeRepository } from './brand-change.repository.js';
import { BrandChangesHandler } from './brand-changes.handler.js';
import {
  BrandChangeOut,
  brandChangeOut,
  BrandChangesOut,
  BrandChangesQuery,
  CreateBrandChangeIn,
} from './brand-changes.types.js';

/** Conversions and moves: asked for by a partner, carried out by an operator of the platform. */
@ApiTags('brands')
@Controller('api/v1/brand-change-requests')
export class BrandChangesController {
  constructor(
    private readonly requests: BrandChangeRepository,
    private readonly changes: BrandChangesHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @Roles('partner-senior-manager', 'platform-operator')
  @ApiOkResponse({ type: BrandChangesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total }: BrandChangesQuery,
  ): Promise<BrandChangesOut> {
    const rows = await this.requests.page(caller, afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.requests.count(caller) : undefined;
    return pageOf(items.map(brandChangeOut), last ? encodeCursor([last.requestId]) : null, count);
  }

  @Post()
  @Roles('partner-senior-manager')
  @ApiCreatedResponse({ type: BrandChangeOut })
  request(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateBrandChangeIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandChangeOut> {
    const route = 'POST /brand-change-requests';
    return created(this.idempotency, { caller, route, header, body }, reply, async () => ({
      body: brandChangeOut(await this.changes.request(caller, body)),
    }));
  }

  @Post(':id/execute')
  @Roles('platform-operator')
  @HttpCode(200)
  @ApiOkResponse({ type: BrandChangeOut })
  async execute(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<BrandChangeOut> {
    return brandChangeOut(await this.changes.execute(caller, id));
  }
}
