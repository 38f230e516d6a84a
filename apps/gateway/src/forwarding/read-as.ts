import { Problem } from '@backhaul/http';
import type { Upstream } from '../routes/route-table.js';
import type { ForwardedRequest, Upstreams } from './upstreams.js';

/**
 * Asks a service for JSON in the name of who made the request. What it refuses is refused in its own words; what it
 * cannot do is a 503. @throws Problem
 */
export async function readAs<T>(
  upstreams: Upstreams,
  upstream: Upstream,
  request: ForwardedRequest,
  method: 'GET' | 'POST',
  url: string,
  body?: object,
): Promise<T> {
  const once = request.headers['idempotency-key'];
  const answer = await upstreams.send(upstream, {
    ...request,
    method,
    url,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // Who may repeat the request may repeat what it is made of.
      ...(once !== undefined && { 'idempotency-key': once }),
    },
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
  });
  const { statusCode } = answer;
  if (statusCode >= 500) {
    await answer.body.dump();
    throw Problem.unavailable(5, `The ${upstream} service cannot answer right now.`);
  }
  const said = (await answer.body.json()) as T & { title?: string; detail?: string; type?: string };
  if (statusCode < 300) return said;
  if (statusCode === 404) throw Problem.notFound();
  throw new Problem({
    ...said,
    status: statusCode,
    slug: said.type?.split('/').at(-1) ?? 'invalid-request',
    title: said.title ?? 'Refused',
    detail: said.detail ?? 'The request was refused.',
  });
}
