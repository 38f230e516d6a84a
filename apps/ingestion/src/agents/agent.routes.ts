import { Problem } from '@backhaul/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isEndpointAgent } from '../endpoints/endpoint.js';
import type { AgentAccess, Sender } from './agent-access.js';
import { headerKeyOf } from './agent-access.js';
import type { AgentAnswers } from './agent-answers.js';
import { REPORT_LIMIT_BYTES, reportBodyOf } from './report-body.js';
import type { Admission } from '../intake/intake.js';
import { loadClassOfPing } from '../intake/load-class.js';
import type { ReportHandler } from './report.handler.js';

interface AgentParams {
  agent: string;
  key?: string;
}

interface PingParams {
  key: string;
  signal?: string;
}

const WORDS = ['start', 'fail', 'log'];
const HELLO =
  'Backhaul takes the reports of this agent here, by POST. This was a test; nothing was stored.\n';
/** Set before the body is read: who sends is known, and allowed, by then. */
const SENDER = Symbol('sender');
type Known = FastifyRequest & { [SENDER]?: Sender };

/** The addresses that agents are given. Plain Fastify: these few lines are what every report runs through. */
export class AgentRoutes {
  constructor(
    private readonly access: AgentAccess,
    private readonly handler: ReportHandler,
    private readonly answers: AgentAnswers,
    private readonly load: Admission,
  ) {}

  register(fastify: FastifyInstance): void {
    void fastify.register((scope, _options, done) => {
      scope.setErrorHandler(this.answers.refuse);
      // A logger for each request would cost more than its routing; only outages are logged here.
      scope.setChildLoggerFactory((logger) => logger);
      const options = { bodyLimit: REPORT_LIMIT_BYTES, onRequest: this.admit };
      for (const url of ['/ingest/:agent/:key', '/ingest/:agent']) {
        scope.route({ ...options, method: 'POST', url, handler: this.takeReport });
        scope.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler: sayHello });
      }
      for (const url of ['/ping/:key', '/ping/:key/:signal'])
        scope.route({
          ...options,
          method: ['POST', 'GET'],
          url,
          exposeHeadRoute: false,
          handler: this.takePing,
        });
      done();
    });
  }

  /** Before the body: who is it, and may it? */
  private readonly admit = (
    request: FastifyRequest,
    _reply: FastifyReply,
    done: (error?: Error) => void,
  ): void => {
    tolerateContentType(request);
    const { agent, key } = request.params as AgentParams;
    if (agent !== undefined && !isEndpointAgent(agent)) return done(Problem.notFound());
    const given = key ?? headerKeyOf(request);
    if (given === null) return done(Problem.unauthorized());
    const admitted = (sender: Sender): void => {
      this.access.spend(sender, 1);
      (request as Known)[SENDER] = sender;
    };
    try {
      // A report is judged once it was understood: only what stands in it says whether it can wait.
      if (agent === undefined) this.load.admit(loadClassOfPing((request.params as PingParams).signal));
      const sender = this.access.endpointOf(given);
      if (!(sender instanceof Promise)) return void (admitted(sender), done());
      sender.then(admitted).then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  };

  private readonly takeReport = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { agent } = request.params as AgentParams;
    if (!isEndpointAgent(agent)) throw Problem.notFound();
    const body = await reportBodyOf(request.body, request.headers['content-encoding']);
    const contentType = contentTypeOf(request);
    const report = { endpoint: endpointOf(request), body, contentType, headers: request.headers };
    await this.handler.handleReport(report, agent, (runs) => this.spendMore(request, runs));
    return done(reply);
  };

  private spendMore(request: Known, runs: number): void {
    const sender = request[SENDER];
    if (sender) this.access.spend(sender, runs);
  }

  private readonly takePing = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { signal = null } = request.params as PingParams;
    if (signal !== null && !isSignal(signal)) throw Problem.notFound();
    const body = await reportBodyOf(request.body, request.headers['content-encoding']);
    const contentType = contentTypeOf(request);
    await this.handler.handlePing({
      endpoint: endpointOf(request),
      body,
      contentType,
      signal,
      rid: ridOf(request),
    });
    return done(reply);
  };
}

function isSignal(text: string): boolean {
  return WORDS.includes(text) || (/^\d{1,3}$/.test(text) && Number(text) <= 255);
}

function sayHello(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(HELLO);
}

/** Kopia takes nothing but 200, and every agent is content with an empty object. */
function done(reply: FastifyReply): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send('{}');
}

function endpointOf(request: Known) {
  const endpoint = request[SENDER]?.endpoint;
  if (!endpoint) throw Problem.notFound();
  return endpoint;
}

const SENT_AS = Symbol('content type as sent');
type Typed = FastifyRequest['raw'] & { [SENT_AS]?: string };

/** Agents send what they like; Fastify would refuse a malformed type before anyone could keep the report. */
function tolerateContentType({ raw }: FastifyRequest): void {
  const given = raw.headers['content-type'];
  if (given === undefined) return;
  (raw as Typed)[SENT_AS] = given;
  raw.headers['content-type'] = 'application/octet-stream';
}

function contentTypeOf({ raw }: FastifyRequest): string | null {
  return (raw as Typed)[SENT_AS]?.slice(0, 200) ?? null;
}

function ridOf({ headers, query }: FastifyRequest): string | null {
  const header = headers['idempotency-key'];
  const { rid } = query as { rid?: unknown };
  const given = typeof header === 'string' ? header : rid;
  return typeof given === 'string' && given !== '' ? given : null;
}
