import { Caller, encodeCursor, pageOf, type Principal, Roles, UuidParam } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created } from '../answers.js';
import { afterUuid } from '../paging.js';
import { ApproveEgressHandler } from './approve-egress.handler.js';
import { EgressApprovalRepository } from './egress-approval.repository.js';
import {
  CreateEgressApprovalIn,
  EgressApprovalOut,
  egressApprovalOut,
  EgressApprovalsOut,
  EgressApprovalsQuery,
} from './egress-approvals.types.js';

/** Private addresses that links to PSAs may reach: given by an operator of the platform, for one partner at a time. */
@ApiTags('PSA')
@Roles('platform-operator')
@Controller('api/v1/egress-approvals')
export class EgressApprovalsController {
  constructor(
    private readonly approvals: EgressApprovalRepository,
    private readonly approveEgress: ApproveEgressHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @ApiOkResponse({ type: EgressApprovalsOut })
  async list(@Query() { limit, cursor, partnerId }: EgressApprovalsQuery): Promise<EgressApprovalsOut> {
    const rows = await this.approvals.pageAcrossTenants(partnerId, afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return pageOf(items.map(egressApprovalOut), last ? encodeCursor([last.approvalId]) : null, undefined);
  }

  @Post()
  @ApiCreatedResponse({ type: EgressApprovalOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateEgressApprovalIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EgressApprovalOut> {
    const request = { caller, route: 'POST /egress-approvals', header, body };
    return created(this.idempotency, request, reply, async () => ({
      body: egressApprovalOut(await this.approveEgress.create(caller, body)),
    }));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@UuidParam('id') id: string): Promise<void> {
    await this.approveEgress.remove(id);
  }
}
