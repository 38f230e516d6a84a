import type { IncomingHttpHeaders } from 'node:http';

export type ForwardedHeaders = Record<string, string | string[]>;

const HOP_BY_HOP = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
  'transfer-encoding', 'upgrade', 'http2-settings',
]); // prettier-ignore

/** Credentials end here; addresses of the client are not the client's to say; the rest undici sets. */
const NOT_FORWARDED = new Set([
  'host', 'authorization', 'cookie', 'x-api-key', 'content-length', 'expect', 'forwarded', 'x-request-id', 'accept-encoding',
]); // prettier-ignore

/** What a client may tell a service: nothing of this hop, no credentials, nothing that only we may say. */
export function requestHeaders(given: IncomingHttpHeaders, isLogin = false): ForwardedHeaders {
  const isKept = (name: string): boolean => isLogin && name === 'authorization';
  return kept(given, (name) => (NOT_FORWARDED.has(name) && !isKept(name)) || name.startsWith('x-forwarded-'));
}

/** What a service may tell a client. */
export function answerHeaders(given: IncomingHttpHeaders): ForwardedHeaders {
  return kept(given, (name) => name === 'x-request-id' || name === 'server');
}

function kept(given: IncomingHttpHeaders, isDropped: (name: string) => boolean): ForwardedHeaders {
  const named = new Set(
    String(given['connection'] ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
  const out: ForwardedHeaders = {};
  for (const [name, value] of Object.entries(given)) {
    // `_` reads as `-` in some servers, so a look-alike of our own headers goes as well.
    const isOurs = name.replaceAll('_', '-').startsWith('x-backhaul-');
    if (value === undefined || isOurs || named.has(name) || HOP_BY_HOP.has(name) || isDropped(name)) continue;
    out[name] = value;
  }
  return out;
}
