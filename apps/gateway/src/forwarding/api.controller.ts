import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AnyQuery, Problem, Public } from '@backhaul/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticated, AuthenticationGuard } from '../authentication/authentication.guard.js';
import { MergedLists } from '../lists/merged-lists.js';
import { findRoute, type Owner, type Upstream } from '../routes/route-table.js';
import { BILLING_SYNC, EVERY_STORE, firstThatHasIt, TICKETING } from './either.js';
import { forwardedRequest } from './forwarded-request.js';
import { answerHeaders } from './headers.js';
import { type ForwardedRequest, Upstreams } from './upstreams.js';

/** Where a list is merged from, or an id is looked for. */
const AMONG = {
  'ticketing-merged': TICKETING,
  'ticketing-either': TICKETING,
  'billing-sync-merged': BILLING_SYNC,
  'billing-sync-either': BILLING_SYNC,
  'all-merged': EVERY_STORE,
  'all-either': EVERY_STORE,
} as const;

/** Everything under `/api/v1`: find the route, forward with a signed principal, stream the answer back. */
@ApiExcludeController()
@Public()
@AnyQuery()
@UseGuards(AuthenticationGuard)
@Controller('api/v1')
export class ApiController {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly lists: MergedLists,
  ) {}

  @All('*')
  async forward(@Req() request: Authenticated, @Res() reply: FastifyReply): Promise<void> {
    const owner = ownerOf(request);
    const forwarded = forwardedRequest(request, reply);
    if (isMerged(owner)) {
      await reply.send(await this.lists.merged(forwarded, AMONG[owner]));
      return;
    }
    const answer = await this.answerOf(owner, forwarded);
    await reply.status(answer.statusCode).headers(answerHeaders(answer.headers)).send(answer.body);
  }

  private answerOf(owner: Exclude<Owner, `${string}-merged`>, request: ForwardedRequest) {
    if (owner === 'ticketing-either' || owner === 'billing-sync-either' || owner === 'all-either')
      return firstThatHasIt(this.upstreams, request, AMONG[owner]);
    // What the gateway answers itself has a controller for GET alone.
    if (owner === 'gateway') throw Problem.methodNotAllowed(['GET']);
    return this.upstreams.send(owner === 'ticketing-by-psa' ? ofPsa(request.url) : owner, request);
  }
}

const isMerged = (owner: Owner): owner is Extract<Owner, `${string}-merged`> => owner.endsWith('-merged');

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
