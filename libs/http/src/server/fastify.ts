import { systemClock, uuidv7 } from '@backhaul/domain';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Gauge, Histogram, register } from 'prom-client';
import { sendProblem } from '../problems/problem.filter.js';
import { problemOf } from '../problems/problem-of.js';
import { type BodyLimits, BodyWatch } from './body-watch.js';
import { useBodies } from './json-body.js';
import { type JsonLimits, JSON_LIMITS } from './json-limits.js';
import { type ConnectionLimits, limitConnections } from './connection-limit.js';
import { refuseUnreadable } from './refuse-unreadable.js';

const REQUEST_ID = 'x-request-id';
const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{8,100}$/;
const MIB = 1024 * 1024;
/** From a connection, or from the first byte of a request on one that was kept. */
const HEADERS_MS = 10_000;
/** Whatever comes, and however fast. */
const REQUEST_MS = 60_000;
const LOOK_EVERY_MS = 1000;

interface FastifyOptions {
  logger: Logger;
  bodyLimitBytes?: number;
  jsonLimits?: Partial<JsonLimits>;
  rawBody?: (url: string) => boolean;
  bodyLimits?: Partial<BodyLimits>;
  connectionLimits?: ConnectionLimits;
}

/** Fastify as every service uses it: request ids, body rules, problems for its own errors, durations. */
export function createFastify(options: FastifyOptions, state: { isDraining: boolean }): FastifyAdapter {
  const settings = {
    loggerInstance: options.logger as FastifyBaseLogger,
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request: { headers: Record<string, unknown> }) => requestIdFrom(request.headers[REQUEST_ID]),
    bodyLimit: options.bodyLimitBytes ?? MIB,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_MS,
    http: {
      maxHeaderSize: 16 * 1024,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
    },
    onProtoPoisoning: 'error',
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(problemOf(error), request, reply),
    clientErrorHandler: refuseUnreadable,
  };
  // The constructor's overloads do not infer which server kind these settings mean.
  const adapter = new (FastifyAdapter as new (given: object) => FastifyAdapter)(settings);
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID, request.id);
    // What may be kept, such as a script of the documentation, says so itself.
    reply.header('cache-control', 'no-store');
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // A kept-alive connection would hold the shutdown up; told, the client opens its next one elsewhere.
    if (state.isDraining) reply.header('connection', 'close');
    done();
  });
  limitConnections(fastify, options.connectionLimits);
  new BodyWatch(options.bodyLimits).guard(fastify);
  useBodies(fastify, {
    limits: { ...JSON_LIMITS, ...options.jsonLimits },
    isRaw: options.rawBody ?? (() => false),
  });
  measureDurations(fastify);
  return adapter;
}

function requestIdFrom(given: unknown): string {
  return typeof given === 'string' && SANE_REQUEST_ID.test(given)
    ? given
    : uuidv7(systemClock.now().getTime());
}

function measureDurations(fastify: FastifyInstance): void {
  const name = 'http_request_duration_seconds';
  const labelNames = ['method', 'route', 'status'] as const;
  const known = register.getSingleMetric(name) as Histogram<(typeof labelNames)[number]> | undefined;
  const inFlightName = 'http_requests_in_flight';
  const knownInFlight = register.getSingleMetric(inFlightName) as Gauge | undefined;
  const inFlight = knownInFlight ?? new Gauge({ name: inFlightName, help: 'Requests being answered now' });
  const durations = known ?? new Histogram({ name, help: 'Time to answer a request', labelNames });
  fastify.addHook('onRequest', (_request, reply, done) => {
    inFlight.inc();
    // Unlike onResponse, this also comes when the client goes away.
    reply.raw.once('close', () => inFlight.dec());
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    request.log.debug({ method: request.method, route, status: reply.statusCode }, 'answered');
    done();
  });
}
