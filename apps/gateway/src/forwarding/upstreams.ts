import {
  CLIENT_HEADER, type Principal, PRINCIPAL_HEADER, SERVICE_HEADER, type ServicePurpose, signPrincipal, signService,
} from '@backhaul/http'; // prettier-ignore
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { AccountsAnswer, Shown } from '../authentication/accounts.authenticator.js';
import type { Client } from '../authentication/authentication.guard.js';
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
  /** Null on a public route: then the service gets the credentials themselves. */
  principal: Principal | null;
  client: Client;
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
  /** To accounts as well: a crowd that logs in waits for itself, and not in front of those who are logged in. */
  private readonly logins: Pool;

  constructor(private readonly options: UpstreamOptions) {
    const { timeoutMs, urls } = options;
    const poolOf = (url: string): Pool =>
      new Pool(new URL(url).origin, {
        connections: 64,
        connect: { timeout: CONNECT_TIMEOUT_MS },
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        keepAliveTimeout: 4000,
      });
    const entries = Object.entries(urls) as [Upstream, string][];
    this.pools = new Map(entries.map(([name, url]) => [name, poolOf(url)]));
    this.logins = poolOf(urls.accounts);
  }

  /** Forwards one request; the answer's body is a stream. Throws a 502, 503 or 504 problem. */
  async send(upstream: Upstream, request: ForwardedRequest): Promise<Dispatcher.ResponseData> {
    const isLogin = request.principal === null;
    const options = {
      method: request.method,
      path: request.url,
      headers: {
        ...requestHeaders(request.headers, isLogin),
        ...this.credentials(upstream, request),
        'x-request-id': request.requestId,
      },
      body: request.body,
      signal: request.signal,
    };
    return this.request(upstream, options, isLogin ? this.logins : undefined);
  }

  private credentials(upstream: Upstream, { principal, client }: ForwardedRequest): Record<string, string> {
    const { serviceTokenKey: key } = this.options;
    return {
      ...(principal && { [PRINCIPAL_HEADER]: signPrincipal(key, principal, upstream) }),
      ...(upstream === 'accounts' && { [CLIENT_HEADER]: signService(key, 'client', client) }),
    };
  }

  /** Asks accounts whose a credential is. Throws a 502, 503 or 504 problem. */
  async whoseIs(shown: Shown & { ip: string }): Promise<AccountsAnswer> {
    const { statusCode, headers, body } = await this.tell(
      'authentication',
      '/internal/authentications',
      shown,
    );
    const retryAfterS = Number(headers['retry-after']) || null;
    return { status: statusCode, body: await readJson(body), retryAfterS };
  }

  private tell(purpose: ServicePurpose, path: string, body: object): Promise<Dispatcher.ResponseData> {
    return this.request('accounts', {
      method: 'POST',
      path,
      headers: {
        [SERVICE_HEADER]: signService(this.options.serviceTokenKey, purpose),
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
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
    await Promise.all([...this.pools.values(), this.logins].map((pool) => pool.close()));
  }

  private async request(
    upstream: Upstream,
    options: Dispatcher.RequestOptions,
    pool = this.pools.get(upstream),
  ): Promise<Dispatcher.ResponseData> {
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

async function readJson(body: Dispatcher.ResponseData['body']): Promise<unknown> {
  const text = await body.text();
  try {
    return JSON.parse(text);
  } catch {
    // Not an answer of ours; its status says enough.
    return null;
  }
}
