import { Problem } from '@backhaul/http';
import type { FastifyRequest } from 'fastify';

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A browser sends the session cookie along whoever wrote the page. So what changes something must come from a page of
 * ours: browsers say so in Sec-Fetch-Site, older ones in Origin; what says neither is no browser. JSON alone, because
 * a form of another site cannot send it. Throws 403 or 415.
 */
export function refuseCrossSite({ method, headers, body }: FastifyRequest): void {
  if (SAFE.includes(method)) return;
  const site = headers['sec-fetch-site'];
  const isOurs =
    site === undefined
      ? headers.origin === undefined || hostOf(headers.origin) === headers.host
      : site === 'same-origin' || site === 'none';
  if (!isOurs) throw Problem.forbidden('Another site may not do this.', 'cross-site');
  const hasBody = Buffer.isBuffer(body) && body.length > 0;
  if (hasBody && !/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw Problem.unsupportedMediaType();
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
