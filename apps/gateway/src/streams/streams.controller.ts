import { createHash } from 'node:crypto';
import { Problem, Public } from '@backhaul/http';
import { Controller, Get, Headers, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Authenticated, AuthenticationGuard } from '../authentication/authentication.guard.js';
import { sinceOf, Streams } from './streams.js';

/**
 * Server-sent events of kinds and ids alone: `event`, `ticket`, `incident`, `operation`, `connection`, and `reset` where
 * what was missed can no longer be told. At least once; what is told is read where it is kept.
 */
@ApiTags('operations')
@Public()
@UseGuards(AuthenticationGuard)
@Controller('api/v1/stream')
export class StreamsController {
  constructor(
    private readonly streams: Streams,
    private readonly authentication: AuthenticationGuard,
  ) {}

  @Get()
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
  listen(
    @Req() request: Authenticated,
    @Res() reply: FastifyReply,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): void {
    const { principal } = request;
    if (!principal) throw Problem.unauthorized();
    const sinceMs = sinceOf(lastEventId);
    const recheck = () => this.authentication.recheck(request);
    const { authorization = '', cookie = '' } = request.headers;
    const credential = createHash('sha256').update(`${authorization}|${cookie}`).digest('base64');
    this.streams.open({ principal, raw: reply.raw, sinceMs, credential, recheck });
    // Only now: what is refused before is answered as a problem.
    reply.hijack();
  }
}
