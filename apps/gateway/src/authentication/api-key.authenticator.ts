import type { BrandId, PartnerId } from '@backhaul/domain';
import { systemClock } from '@backhaul/domain';
import {
  type Identity,
  isAllowedFrom,
  type KeyUses,
  parseApiKey,
  Problem,
  programIdentity,
  type Role,
  ROLES,
  sameSecret,
} from '@backhaul/http';
import type { ApiKeyPayload } from '@backhaul/messaging';
import type { Suspensions } from './suspensions.js';

/** What is needed of the compacted topic in memory. */
export interface ApiKeyTable {
  get(keyId: string): ApiKeyPayload | undefined;
  readonly isReady: boolean;
}

type KeyScope = 'read' | 'write' | 'api_methods';

const CHALLENGE = 'Bearer realm="backhaul", error="invalid_token"';
const REFUSED_KEY = 'The API key is not valid.';
const REFUSED_TOKEN = 'The access token is not valid.';
const NO_HASH = '0'.repeat(64);

/** Proves API keys and access tokens, from memory: it works while accounts is away. */
export class ApiKeyAuthenticator {
  constructor(
    private readonly keys: ApiKeyTable,
    private readonly suspensions: Pick<Suspensions, 'isReady'>,
    private readonly uses: Pick<KeyUses, 'note'>,
  ) {}

  /** One answer for wrong, unknown, revoked and expired: who guesses learns nothing. @throws Problem 401, 403, 503 */
  authenticate(token: string, scope: 'read' | 'write', ip: string): Identity {
    return this.proved(token, scope, ip, REFUSED_KEY);
  }

  /** An access token of API methods; to these an API key is nothing. @throws Problem 401, 403, 503 */
  authenticateToken(token: string, ip: string): Identity {
    return this.proved(token, 'api_methods', ip, REFUSED_TOKEN);
  }

  private proved(token: string, scope: KeyScope, ip: string, refusal: string): Identity {
    const refused = (): Problem => Problem.unauthorized(refusal, CHALLENGE);
    const given = parseApiKey(token);
    if (!given) throw refused();
    // Before all keys are known a good one would look unknown, and a client might give up on it; before all partners are,
    // one that is suspended would pass.
    if (!this.keys.isReady || !this.suspensions.isReady)
      throw Problem.unavailable(3, 'API keys are still being read.');
    const stored = this.keys.get(given.keyId);
    const isRight = sameSecret(given.secretHash, stored?.secretHash ?? NO_HASH);
    if (!stored || !isRight || isExpired(stored) || !isRole(stored.role)) throw refused();
    if (scope === 'api_methods' && !stored.scopes.includes(scope)) throw refused();
    if (!isAllowedFrom(stored.allowedCidrs, ip)) throw Problem.wrongAddress();
    if (!stored.scopes.includes(scope)) throw Problem.forbidden(`The key lacks the scope ${scope}.`);
    this.uses.note(given.keyId, ip);
    const { partnerId, role, scopes } = stored;
    const subject = `key:${given.keyId}`;
    const brandId = (stored.brandId as BrandId | null | undefined) ?? null;
    return programIdentity({ partnerId: partnerId as PartnerId, role, scopes, brandId, subject });
  }
}

function isExpired({ expiresAt }: ApiKeyPayload): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= systemClock.now().getTime();
}

function isRole(role: string): role is Role {
  return (ROLES as readonly string[]).includes(role);
}
