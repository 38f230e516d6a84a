import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import {
  parseApiKey,
  type Principal,
  principalOf,
  Problem,
  programIdentity,
  type Role,
  ROLES,
  sameSecret,
} from '@backhaul/http';
import type { ApiKeyPayload } from '@backhaul/messaging';
import { type BrandId, type PartnerId, systemClock } from '@backhaul/domain';
import type { FastifyRequest } from 'fastify';
import { API_KEYS, RATE_LIMITER } from '../tokens.js';
import type { RateLimiter } from './rate-limiter.js';

/** What the guard needs of the compacted topic in memory. */
export interface ApiKeyTable {
  get(keyId: string): ApiKeyPayload | undefined;
  readonly isReady: boolean;
}

const NO_HASH = '0'.repeat(64);

/** Proves the API key of a request, takes one from its budget and leaves the principal on the request. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(API_KEYS) private readonly keys: ApiKeyTable,
    @Inject(RATE_LIMITER) private readonly limiter: RateLimiter,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest & { principal?: Principal }>();
    const principal = this.authenticate(request.headers.authorization);
    const waitS = this.limiter.take(principal.subject);
    if (waitS > 0) throw Problem.tooMany(waitS);
    request.principal = principal;
    return true;
  }

  /** One answer for wrong, unknown, revoked and expired: who guesses learns nothing. */
  private authenticate(authorization: string | undefined): Principal {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw Problem.unauthorized('Send an API key as Authorization: Bearer.');
    const given = parseApiKey(token);
    if (!given) throw refused();
    // Before all keys are known a good one would look unknown, and a client might give up on it.
    if (!this.keys.isReady) throw Problem.unavailable(3, 'API keys are still being read.');
    const stored = this.keys.get(given.keyId);
    const isRight = sameSecret(given.secretHash, stored?.secretHash ?? NO_HASH);
    if (!stored || !isRight || isExpired(stored) || !isRole(stored.role)) throw refused();
    const { partnerId, role, scopes } = stored;
    const brandId = (stored.brandId as BrandId | null | undefined) ?? null;
    return principalOf(
      programIdentity({
        partnerId: partnerId as PartnerId,
        role,
        scopes,
        brandId,
        subject: `key:${given.keyId}`,
      }),
    );
  }
}

function isExpired(key: ApiKeyPayload): boolean {
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= systemClock.now().getTime();
}

function isRole(role: string): role is Role {
  return (ROLES as readonly string[]).includes(role);
}

function refused(): Problem {
  return Problem.unauthorized('The API key is not valid.', 'Bearer realm="backhaul", error="invalid_token"');
}
