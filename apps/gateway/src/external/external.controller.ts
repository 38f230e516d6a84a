import { AnyQuery, Problem, Public } from '@backhaul/http';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Authenticated, AuthenticationGuard } from '../authentication/authentication.guard.js';
import { forwardedRequest } from '../forwarding/forwarded-request.js';
import { ExternalActions } from './external-actions.js';
import { EXTERNAL_PATH, written } from './external-answers.js';
import { formOf, needed } from './external-form.js';

/** MyClient's one address: a form that names an action, its parameters, and the access token that it is done with. */
@ApiExcludeController()
@Public()
@AnyQuery()
@Controller(EXTERNAL_PATH)
export class ExternalController {
  constructor(
    private readonly authentication: AuthenticationGuard,
    private readonly actions: ExternalActions,
  ) {}

  /** No cookie is looked at, so no page of another site can use one. */
  @Post()
  async act(@Req() request: Authenticated, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const token = form.get('auth') ?? '';
    if (token === '') throw Problem.unauthorized('Send an access token as auth.');
    await this.authentication.admitToken(request, token);
    needed(form, ['action']);
    const message = await this.actions.carryOut(form, forwardedRequest(request, reply));
    const { type, text } = written(request.url, { status: 200, message });
    await reply.status(200).type(type).send(text);
  }
}
