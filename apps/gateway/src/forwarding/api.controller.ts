import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AnyQuery, Problem, Public } from '@backhaul/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticated, AuthenticationGuard } from '../authentication/authentication.guard.js';
import { TicketingLists } from '../lists/ticketing-lists.js';
import { findRoute, type Owner, type Upstream } from '../routes/route-table.js';
import { firstThatHasIt } from './either.js';
import { answerHeaders } from './headers.js';
import { type ForwardedRequest, Upstreams } from './upstreams.js';

/** Everything under `/api/v1`: find the route, forward with a signed principal, stream the answer back. */
@ApiExcludeController()
@Public()
@AnyQuery()
@UseGuards(AuthenticationGuard)
@Controller('api/v1')
export class ApiController {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly lists: TicketingLists,
  ) {}

  @All('*')
  async forward(@Req() request: Authenticated, @Res() reply: FastifyReply): Promise<void> {
    const owner = ownerOf(request);
    const forwarded = forwardedRequest(request, reply);
    if (owner === 'ticketing-merged') {
      await reply.send(await this.lists.merged(forwarded));
      return;
    }
    const answer =
      owner === 'ticketing-either'
        ? await firstThatHasIt(this.upstreams, forwarded)
        : await this.upstreams.send(owner === 'ticketing-by-psa' ? ofPsa(request.url) : owner, forwarded);
    await reply.status(answer.statusCode).headers(answerHeaders(answer.headers)).send(answer.body);
  }
}

function ownerOf(request: FastifyRequest): Owner {
  const found = findRoute(request.method, request.url.split('?', 1)[0] ?? '');
  if (!found) throw Problem.notFound();
  if ('allowed' in found) throw Problem.methodNotAllowed(found.allowed);
  return found.route.owner;
}

/** A PSA that we do not speak to is refused there as well. */
function ofPsa(url: string): Upstream {
  return /^\/api\/v1\/psa\/autotask\//.test(url) ? 'ticketing-autotask' : 'ticketing-connectwise';
}

/** The body is whole and within its limit before a service hears of the request; answers stream. */
function forwardedRequest(request: Authenticated, reply: FastifyReply): ForwardedRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const { method, url, headers, id, body, principal = null, client } = request;
  if (!client) throw Problem.unauthorized();
  const bytes = Buffer.isBuffer(body) && body.length > 0 ? body : null;
  return { method, url, headers, requestId: id, principal, client, body: bytes, signal: gone.signal };
}
