import { JSON_LIMITS, parseJson, Problem } from '@backhaul/http';
import { isUuid } from '@backhaul/domain';
import { scopeOf } from '../accounts/account-directory.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EventRepository } from '../events/event.repository.js';
import type { AgentAccess, Sender } from './agent-access.js';
import type { AgentAnswers } from './agent-answers.js';
import type { CanonicalHandler, ItemReceipt } from './canonical.handler.js';
import { REPORT_LIMIT_BYTES, reportBodyOf } from './report-body.js';

const MOST_EVENTS = 1000;
const SENDER = Symbol('sender');
type Known = FastifyRequest & { [SENDER]?: Sender };

/** `/v1/events`, for programs that speak our own language. */
export class CanonicalRoutes {
  constructor(
    private readonly access: AgentAccess,
    private readonly handler: CanonicalHandler,
    private readonly events: EventRepository,
    private readonly answers: AgentAnswers,
  ) {}

  register(fastify: FastifyInstance): void {
    void fastify.register((scope, _options, done) => {
      scope.setErrorHandler(this.answers.refuse);
      scope.addHook('onRequest', this.admit);
      scope.post('/v1/events', { bodyLimit: REPORT_LIMIT_BYTES }, this.take);
      scope.get('/v1/events/:eventId', this.show);
      done();
    });
  }

  private readonly admit = async (request: FastifyRequest): Promise<void> => {
    (request as Known)[SENDER] = await this.access.programOf(request);
  };

  private readonly take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const sender = senderOf(request);
    const { bytes, isGarbled } = await reportBodyOf(request.body, request.headers['content-encoding']);
    if (isGarbled) throw Problem.unsupportedMediaType('Send the body plain, or as gzip.');
    if (!/^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
      throw Problem.unsupportedMediaType();
    const body = parseJson(bytes, JSON_LIMITS);
    if (!Array.isArray(body)) {
      this.access.spend(sender, 1);
      return reply.code(202).send(await this.handler.handleOne(body, bytes, sender));
    }
    if (body.length === 0 || body.length > MOST_EVENTS) throw Problem.badRequest([wrongLength]);
    this.access.spend(sender, body.length);
    const results = await this.handler.handleMany(body, sender);
    if (results.some((one) => one.status === 'rejected' && one.problem.status === 503))
      this.answers.onTurnedAway();
    return reply.code(statusOf(results)).send({ results });
  };

  private readonly show = async (request: FastifyRequest): Promise<object> => {
    const { eventId } = request.params as { eventId: string };
    const { binding, endpoint } = senderOf(request);
    const id = eventId.toLowerCase();
    const event = isUuid(id) ? await this.events.find(scopeOf(binding), id) : null;
    if (!event) throw Problem.notFound();
    // An endpoint's key shows what that endpoint may speak of, not all of its partner's log.
    const { tenant, source } = event.event;
    const isOwn =
      endpoint === null ||
      source.endpointId === endpoint.id ||
      (endpoint.accountNo !== null && tenant.accountNo === endpoint.accountNo);
    if (!isOwn) throw Problem.notFound();
    return this.events.withState(event);
  };
}

const wrongLength = { pointer: '', detail: `must hold 1 to ${MOST_EVENTS} events`, rule: 'length' };

/** 207 as soon as one item was refused: the sender must look at each. */
function statusOf(results: readonly ItemReceipt[]): number {
  return results.some(({ status }) => status === 'rejected') ? 207 : 202;
}

function senderOf(request: Known): Sender {
  const sender = request[SENDER];
  if (!sender) throw Problem.unauthorized();
  return sender;
}
