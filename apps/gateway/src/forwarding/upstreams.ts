import { type Principal, PRINCIPAL_HEADER, signPrincipal } from '@backhaul/http';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { Upstream } from '../routes/route-table.js';
import { requestHeaders } from './headers.js';
import { isBrokenConnection, upstreamProblem } from './upstream-error.js';

export interface ForwardedRequest {
  method: string;
  /** Raw path and query, as they came. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer | null;
  requestId: string;
  principal: Principal;
  signal: AbortSignal;
}

export interface UpstreamOptions {
  urls: Record<Upstream, string>;
  serviceTokenKey: string;
  timeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 2000;

/** The services behind the gateway: one pool of connections each. */
export class Upstreams {
  private readonly pools: Map<Upstream, Pool>;

  constructor(private readonly options: UpstreamOptions) {
    const { timeoutMs } = options;
    this.pools = new Map(
      (Object.entries(options.urls) as [Upstream, string][]).map(([name, url]) => [
        name,
        new Pool(new URL(url).origin, {
          connections: 64,
          connect: { timeout: CONNECT_TIMEOUT_MS },
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          keepAliveTimeout: 4000,
        }),
      ]),
    );
  }

  /** Forwards one request; the answer's body is a stream. Throws a 502, 503 or 504 problem. */
  async send(upstream: Upstream, request: ForwardedRequest): Promise<Dispatcher.ResponseData> {
    const token = signPrincipal(this.options.serviceTokenKey, request.principal, upstream);
    return this.request(upstream, {
      method: request.method,
      path: request.url,
      headers: {
        ...requestHeaders(request.headers),
        [PRINCIPAL_HEADER]: token,
        'x-request-id': request.requestId,
      },
      body: request.body,
      signal: request.signal,
    });
  }

  /** What a service publishes for everybody, such as `/openapi.json`. */
  async readPublic(upstream: Upstream, path: string): Promise<unknown> {
    const options = { method: 'GET' as const, path, headersTimeout: 3000, bodyTimeout: 3000 };
    const answer = await this.request(upstream, options);
    if (answer.statusCode === 200) return answer.body.json();
    await answer.body.dump();
    throw upstreamProblem(upstream, new Error(`${path} answered ${answer.statusCode}`));
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }

  private async request(
    upstream: Upstream,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData> {
    const pool = this.pools.get(upstream);
    if (!pool) throw new Error(`no address for ${upstream}`);
    try {
      return await pool.request(options).catch((error: unknown) => {
        const mayRepeat = options.method === 'GET' || options.method === 'HEAD';
        if (mayRepeat && isBrokenConnection(error)) return pool.request(options);
        throw error;
      });
    } catch (error) {
      throw upstreamProblem(upstream, error);
    }
  }
}
