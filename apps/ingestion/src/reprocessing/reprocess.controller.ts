import { Caller, idempotently, type Principal, Problem, Roles, UuidParam } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Operation } from './operation.js';
import { OperationRepository } from './operation.repository.js';
import { ReprocessEventHandler } from './reprocess-event.handler.js';

/** "Reprocess Notifications" (F17-F19). */
@ApiTags('events')
@Roles(
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-senior-customer-service',
  'partner-customer-service',
  'partner-api',
)
@Controller('api/v1/events')
export class ReprocessController {
  constructor(
    private readonly reprocess: ReprocessEventHandler,
    private readonly operations: OperationRepository,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Post(':id/reprocess')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: Operation })
  async start(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Operation> {
    const { partnerId, subject } = caller;
    const request = { partnerId, route: `POST /events/${id}/reprocess by ${subject}`, header, body: null };
    const answer = await idempotently(this.idempotency, request, async () => {
      const operationId = await this.reprocess.handle(caller, subject, id);
      const operation = await this.operations.find(caller, operationId);
      if (!operation) throw Problem.internal(new Error('An operation vanished'));
      return { status: 202, body: operation, headers: { location: `/api/v1/operations/${operationId}` } };
    });
    void reply.headers(answer.headers);
    return answer.body as Operation;
  }
}
