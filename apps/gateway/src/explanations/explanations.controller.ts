import { ApiProblem, Public } from '@backhaul/http';
import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { type Authenticated, AuthenticationGuard } from '../authentication/authentication.guard.js';
import { forwardedRequest } from '../forwarding/forwarded-request.js';
import { ExplanationOut } from './explanation.types.js';
import { Explanations } from './explanations.js';

export class ExplainQuery {
  @IsUUID() eventId: string;
}

/** Why was, or was not, an event ticketed? */
@ApiTags('incidents')
@Public()
@UseGuards(AuthenticationGuard)
@Controller('api/v1/explain')
export class ExplanationsController {
  constructor(private readonly explanations: Explanations) {}

  @Get()
  @ApiOkResponse({ type: ExplanationOut })
  @ApiProblem(404, 'There is no such event for the caller.')
  explain(
    @Req() request: Authenticated,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query() { eventId }: ExplainQuery,
  ): Promise<ExplanationOut> {
    return this.explanations.explain(forwardedRequest(request, reply), eventId);
  }
}
