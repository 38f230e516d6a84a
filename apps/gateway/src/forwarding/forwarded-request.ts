import { Problem } from '@backhaul/http';
import type { FastifyReply } from 'fastify';
import type { Authenticated } from '../authentication/authentication.guard.js';
import type { ForwardedRequest } from './upstreams.js';

/** The body is whole and within its limit before a service hears of the request; answers stream. */
export function forwardedRequest(request: Authenticated, reply: FastifyReply): ForwardedRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const { method, url, headers, id, body, principal = null, client } = request;
  if (!client) throw Problem.unauthorized();
  const bytes = Buffer.isBuffer(body) && body.length > 0 ? body : null;
  return { method, url, headers, requestId: id, principal, client, body: bytes, signal: gone.signal };
}
