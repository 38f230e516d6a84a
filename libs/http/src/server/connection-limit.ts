import { readdirSync, readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Counter, register } from 'prom-client';
import { Problem } from '../problems/problem.js';
import { answerWith } from '../problems/problem.filter.js';

/** How many connections a server takes. */
export interface ConnectionLimits {
  /** Requests on connections beyond are sent away with 503. */
  served: number;
  /** Connections beyond are cut at once: each of the others needs its descriptor to be told. */
  accepted: number;
}

const RETRY_AFTER_S = 5;
/** Of the descriptors that are free when the server begins to listen: for databases, Kafka, health and metrics. */
const KEPT_SHARE = 1 / 4;
const KEPT = { least: 64, most: 512 };
/** Of those kept, for clients that are to be told that there is no room. */
const TOLD_SHARE = 1 / 4;

/** What is left of the descriptors that this process may have; none: no limit that could be read. */
export function limitsWithin(mostFiles: number, openFiles: number): ConnectionLimits | null {
  if (!Number.isFinite(mostFiles)) return null;
  const free = Math.max(4, mostFiles - openFiles);
  const least = Math.min(KEPT.least, Math.floor(free / 2));
  const kept = Math.min(KEPT.most, Math.max(least, Math.floor(free * KEPT_SHARE)));
  const served = free - kept;
  return { served, accepted: served + Math.floor(kept * TOLD_SHARE) };
}

/** As Linux tells it; elsewhere there is no limit that we know of. */
function ownLimits(): ConnectionLimits | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limitsWithin(Number(soft ?? Infinity), readdirSync('/proc/self/fd').length);
  } catch {
    return null;
  }
}

/**
 * Leaves descriptors for what the process itself needs: where none is left, nothing can be accepted, not even the question
 * whether it lives. Idle connections give way first.
 */
export function limitConnections(fastify: FastifyInstance, given?: ConnectionLimits): void {
  const server = fastify.server as Server & { closeIdleConnections?: () => void };
  const name = 'http_connections_refused_total';
  const known = register.getSingleMetric(name) as Counter | undefined;
  const refused = known ?? new Counter({ name, help: 'Connections told that there is no room' });
  const surplus = new WeakSet<Socket>();
  let limits: ConnectionLimits | null = null;
  let open = 0;
  server.on('listening', () => {
    limits = given ?? ownLimits();
    if (limits) server.maxConnections = limits.accepted;
  });
  server.on('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
    if (!limits || open <= limits.served) return;
    surplus.add(socket);
    server.closeIdleConnections?.();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!limits || open <= limits.served || !surplus.has(request.raw.socket)) return done();
    reply.header('connection', 'close');
    refused.inc();
    answerWith(Problem.tooBusy(RETRY_AFTER_S, 'Too many are connected; come back later.'), request, reply);
  });
}
