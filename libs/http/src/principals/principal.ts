import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AccountNo, type BrandId, type PartnerId, type Scope, systemClock } from '@backhaul/domain';
import { Problem } from '../problems/problem.js';

export const ROLES = [
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-senior-customer-service',
  'partner-customer-service',
  'partner-read-only',
  'partner-api',
  'power-user',
  'platform-operator',
] as const;
export type Role = (typeof ROLES)[number];

/** All who see the partner's records; end users see their own account only. */
export const READERS: readonly Role[] = ROLES.filter((role) => role.startsWith('partner-'));

/** Who asks, as the gateway proved it. */
export interface Identity {
  partnerId: PartnerId;
  role: Role;
  scopes: string[];
  /** What acts: `key:<keyId>` or `account:<no>`; for the audit trail. */
  subject: string;
  /** The top of the brands that are seen; null: the partner's whole tree. */
  brandId: BrandId | null;
  /** The account that is logged in; null for an API key. */
  accountNo: AccountNo | null;
  /** Who impersonates that account. */
  actor: { accountNo: AccountNo | null; subject: string } | null;
  /** Where the request came from, as the gateway saw it. */
  ip: string | null;
  /** When a person last proved who they are, in seconds of the epoch; null for programs. */
  steppedUpAt: number | null;
}

/** What a session does first, where the brand demands a second factor: `add` one, or `prove` the one that there is. */
export const FACTORS_OWED = ['add', 'prove'] as const;
export type FactorOwed = (typeof FACTORS_OWED)[number];

/** What accounts answers about a credential. While a factor is owed the gateway opens little else. */
export interface ProvedIdentity extends Identity {
  factorOwed?: FactorOwed;
}

/** An identity with what it may see. */
export interface Principal extends Identity, Scope {}

/** @throws Problem 403 for an end user without an account: that one would see everything, or nothing */
export function principalOf(identity: Identity): Principal {
  const isEndUser = identity.role === 'power-user';
  if (isEndUser && identity.accountNo === null) throw Problem.forbidden('The role does not allow this.');
  return { ...identity, onlyAccountNo: isEndUser ? identity.accountNo : null };
}

/** An API key. */
export const programIdentity = (
  program: Pick<Identity, 'partnerId' | 'role' | 'scopes' | 'subject'> & { brandId?: BrandId | null },
): Identity => ({
  brandId: null,
  ...program,
  accountNo: null,
  actor: null,
  ip: null,
  steppedUpAt: null,
});

export const PRINCIPAL_HEADER = 'x-backhaul-principal';

/** Clocks of two services may differ by this much. */
const TOLERANCE_S = 5;
const MAX_TOKEN_CHARS = 4096;

interface Claims extends Identity {
  aud: string;
  iat: number;
  exp: number;
}

/** A short-lived token that only the named service accepts. `key` is the text of SERVICE_TOKEN_KEY. */
export function signPrincipal(key: string, identity: Identity, audience: string, ttlS = 30): string {
  const iat = Math.floor(systemClock.now().getTime() / 1000);
  const claims: Claims = { ...identityIn(identity), aud: audience, iat, exp: iat + ttlS };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `v1.${payload}.${macOf(key, payload).toString('base64url')}`;
}

/** Throws a 401 problem for anything but a token of ours, for this audience, not expired. */
export function verifyPrincipal(key: string, token: string, audience: string): Principal {
  const claims = claimsOf(key, token);
  const now = systemClock.now().getTime() / 1000;
  if (!claims || claims.aud !== audience) throw Problem.unauthorized();
  if (claims.exp + TOLERANCE_S < now || claims.iat - TOLERANCE_S > now) throw Problem.unauthorized();
  return principalOf(identityIn(claims));
}

function identityIn({
  partnerId,
  role,
  scopes,
  subject,
  brandId,
  accountNo,
  actor,
  ip,
  steppedUpAt,
}: Identity): Identity {
  return { partnerId, role, scopes, subject, brandId, accountNo, actor, ip, steppedUpAt };
}

function claimsOf(key: string, token: string): Claims | null {
  if (token.length > MAX_TOKEN_CHARS) return null;
  const [version, payload, mac, ...rest] = token.split('.');
  if (version !== 'v1' || !payload || !mac || rest.length > 0) return null;
  const expected = macOf(key, payload);
  const given = Buffer.from(mac, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  // The signature is ours, so the payload is what signPrincipal() wrote.
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
}

function macOf(key: string, payload: string): Buffer {
  if (key.length < 16) throw new Error('SERVICE_TOKEN_KEY must have at least 16 characters');
  return createHmac('sha256', key).update(`backhaul-principal.v1.${payload}`).digest();
}
