import { type BlockList } from 'node:net';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import {
  basicCredentials,
  clientAddress,
  type Identity,
  parseApiKey,
  type Principal,
  principalOf,
  Problem,
  type ProvedIdentity,
} from '@backhaul/http';
import type { FastifyRequest } from 'fastify';
import { findRoute } from '../routes/route-table.js';
import { LIMITERS, TRUSTED_PROXIES } from '../tokens.js';
import { AccountsAuthenticator, type Shown } from './accounts.authenticator.js';
import { ApiKeyAuthenticator } from './api-key.authenticator.js';
import { refuseCrossSite } from './cross-site.js';
import { assertNoFactorOwed } from './factor-owed.js';
import type { RateLimiter } from './rate-limiter.js';
import { RefusalBudget } from './refusal-budget.js';
import { sessionHashIn } from './session-cookie.js';
import { Suspensions } from './suspensions.js';

/** What accounts is told about the other end. */
export interface Client {
  ip: string;
  userAgent: string;
  /** Of the session that proved the request, or that a login is to replace. */
  sessionHash: string | null;
}

export type Authenticated = FastifyRequest & {
  principal?: Principal;
  client?: Client;
  /** The public part of a credential that is not proved yet; for the log. */
  claimed?: string;
};

export interface Limiters {
  subject: RateLimiter;
  partner: RateLimiter;
  /** Of credentials that were not good, by the network they came from. */
  refusals: RateLimiter;
}

/** Proves who asks, by key, token, Basic or session; takes one from the budgets; leaves the principal on the request. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  private readonly refusals: RefusalBudget;

  constructor(
    private readonly apiKeys: ApiKeyAuthenticator,
    private readonly accounts: AccountsAuthenticator,
    private readonly suspensions: Suspensions,
    @Inject(LIMITERS) private readonly limiters: Limiters,
    @Inject(TRUSTED_PROXIES) private readonly proxies: BlockList,
  ) {
    this.refusals = new RefusalBudget(limiters.refusals);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Authenticated>();
    const ip = clientAddress(request, this.proxies);
    const userAgent = userAgentOf(request);
    const sessionHash = sessionHashIn(request.headers.cookie);
    request.client = { ip, userAgent, sessionHash };
    if (isPublic(request)) {
      refuseCrossSite(request);
      this.spend(this.limiters.subject, `ip:${ip}`);
      return true;
    }
    const isBySession = request.headers.authorization === undefined;
    if (isBySession) refuseCrossSite(request);
    else request.client = { ip, userAgent, sessionHash: null };
    const identity = isBySession ? await this.bySession(sessionHash, ip) : await this.byHeader(request, ip);
    this.admit(request, identity, ip);
    assertNoFactorOwed(identity.factorOwed, request);
    return true;
  }

  /** The same for an access token, which comes in a form. Nothing else of the request is believed. @throws Problem 401, 403, 429, 503 */
  async admitToken(request: Authenticated, token: string): Promise<void> {
    const ip = clientAddress(request, this.proxies);
    request.client = { ip, userAgent: userAgentOf(request), sessionHash: null };
    const keyId = parseApiKey(token)?.keyId;
    if (keyId !== undefined) request.claimed = `key:${keyId}`;
    const prove = (): Identity => this.apiKeys.authenticateToken(token, ip);
    this.admit(request, await this.refusals.counted(ip, prove), ip);
  }

  private admit(request: Authenticated, identity: Identity, ip: string): void {
    this.suspensions.assertNone(identity.partnerId);
    this.spend(this.limiters.subject, identity.actor?.subject ?? identity.subject);
    this.spend(this.limiters.partner, identity.partnerId);
    // Before it is refused, so that the log says who.
    request.principal = principalOf({ ...identity, ip });
  }

  /**
   * Who an open stream's credential belongs to now; looking costs no budget, and keeps no session from growing idle.
   * @throws Problem 401, 403, 503
   */
  async recheck(request: Authenticated): Promise<Principal> {
    const ip = request.client?.ip ?? '';
    const { headers } = request;
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const identity: ProvedIdentity =
      token && !token.startsWith('bkt_')
        ? this.apiKeys.authenticate(token, 'read', ip)
        : await this.asPassive(request, token, ip);
    this.suspensions.assertNone(identity.partnerId);
    assertNoFactorOwed(identity.factorOwed, request);
    return principalOf({ ...identity, ip });
  }

  private asPassive(request: Authenticated, token: string | undefined, ip: string): Promise<ProvedIdentity> {
    const shown = token ? { kind: 'token' as const, secret: token } : shownBy(request);
    if (shown === null) throw Problem.unauthorized();
    return this.accounts.authenticate({ ...shown, isPassive: true }, ip);
  }

  private async bySession(secret: string | null, ip: string): Promise<ProvedIdentity> {
    if (secret === null) throw Problem.unauthorized('Log in, or send a credential as Authorization.');
    return this.asked({ kind: 'session', secret }, ip);
  }

  private async byHeader(request: Authenticated, ip: string): Promise<ProvedIdentity> {
    const { headers } = request;
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (token?.startsWith('bkt_')) return this.asked({ kind: 'token', secret: token }, ip);
    if (token) return this.byApiKey(request, token, ip);
    const basic = basicCredentials(headers.authorization);
    if (!basic)
      throw Problem.unauthorized(
        'Send an API key or a token as Bearer, or a username and password as Basic.',
      );
    const { username, password } = basic;
    return this.asked({ kind: 'basic', username, secret: password }, ip);
  }

  private byApiKey(request: Authenticated, token: string, ip: string): Promise<ProvedIdentity> {
    const keyId = parseApiKey(token)?.keyId;
    if (keyId !== undefined) request.claimed = `key:${keyId}`;
    const scope = isReading(request.method, request.url) ? 'read' : 'write';
    return this.refusals.counted(ip, () => this.apiKeys.authenticate(token, scope, ip));
  }

  /** Only what was good a moment ago is asked about once an address has shown too much that was not. */
  private asked(shown: Shown, ip: string): Promise<ProvedIdentity> {
    if (!this.accounts.wasGood(shown)) this.refusals.assertSome(ip);
    return this.refusals.counted(ip, () => this.accounts.authenticate(shown, ip));
  }

  private spend(limiter: RateLimiter, whose: string): void {
    const waitS = limiter.take(whose);
    if (waitS > 0) throw Problem.tooMany(waitS);
  }
}

const userAgentOf = ({ headers }: FastifyRequest): string => (headers['user-agent'] ?? '').slice(0, 300);

/** A session or Basic. */
function shownBy({ headers }: FastifyRequest): Shown | null {
  const basic = basicCredentials(headers.authorization);
  if (basic) return { kind: 'basic', username: basic.username, secret: basic.password };
  const secret = headers.authorization === undefined ? sessionHashIn(headers.cookie) : null;
  return secret === null ? null : { kind: 'session', secret };
}

function isReading(method: string, url: string): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const found = findRoute(method, url.split('?', 1)[0] ?? '');
  return found !== null && 'route' in found && found.route.isReading;
}

function isPublic({ method, url }: FastifyRequest): boolean {
  const found = findRoute(method, url.split('?', 1)[0] ?? '');
  return found !== null && 'route' in found && found.route.isPublic;
}
