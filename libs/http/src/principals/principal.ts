import { createHmac, timingSafeEqual } from 'node:crypto';
import { type PartnerId, systemClock } from '@backhaul/domain';
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

/** Who asks, as the gateway proved it. */
export interface Principal {
  partnerId: PartnerId;
  role: Role;
  scopes: string[];
  /** What acts: `key:<keyId>` or, later, `login:<id>`; for the audit trail. */
  subject: string;
}

export const PRINCIPAL_HEADER = 'x-backhaul-principal';

/** Clocks of two services may differ by this much. */
const TOLERANCE_S = 5;
const MAX_TOKEN_CHARS = 4096;

interface Claims extends Principal {
  aud: string;
  iat: number;
  exp: number;
}

/** A short-lived token that only the named service accepts. `key` is the text of SERVICE_TOKEN_KEY. */
export function signPrincipal(key: string, principal: Principal, audience: string, ttlS = 30): string {
  const iat = Math.floor(systemClock.now().getTime() / 1000);
  const { partnerId, role, scopes, subject } = principal;
  const claims: Claims = { partnerId, role, scopes, subject, aud: audience, iat, exp: iat + ttlS };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `v1.${payload}.${macOf(key, payload).toString('base64url')}`;
}

/** Throws a 401 problem for anything but a token of ours, for this audience, not expired. */
export function verifyPrincipal(key: string, token: string, audience: string): Principal {
  const claims = claimsOf(key, token);
  const now = systemClock.now().getTime() / 1000;
  if (!claims || claims.aud !== audience) throw Problem.unauthorized();
  if (claims.exp + TOLERANCE_S < now || claims.iat - TOLERANCE_S > now) throw Problem.unauthorized();
  const { partnerId, role, scopes, subject } = claims;
  return { partnerId, role, scopes, subject };
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
