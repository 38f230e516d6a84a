import { createHmac, timingSafeEqual } from 'node:crypto';
import { systemClock } from '@backhaul/domain';
import { Problem } from '../problems/problem.js';

/** What one service may ask another as itself, for nobody. A principal opens none of these, nor does one another's. */
export type ServicePurpose = 'authentication' | 'client' | 'psa-check';

/** Carries the gateway's word about the client of this request. */
export const CLIENT_HEADER = 'x-backhaul-client';
/** Carries a service's own credential. */
export const SERVICE_HEADER = 'x-backhaul-service';

const TTL_S = 30;
/** Clocks of two services may differ by this much. */
const TOLERANCE_S = 5;
const MAX_TOKEN_CHARS = 8192;

/** A short-lived token for one purpose. `key` is the text of SERVICE_TOKEN_KEY. */
export function signService(key: string, purpose: ServicePurpose, claims: object = {}): string {
  const exp = Math.floor(systemClock.now().getTime() / 1000) + TTL_S;
  const payload = Buffer.from(JSON.stringify({ ...claims, exp })).toString('base64url');
  return `s1.${payload}.${macOf(key, purpose, payload).toString('base64url')}`;
}

/** What was signed. Throws a 401 problem for anything but a fresh token of ours for this purpose. */
export function verifyService<T extends object>(key: string, purpose: ServicePurpose, token: unknown): T {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_CHARS) throw Problem.unauthorized();
  const [version, payload, mac, ...rest] = token.split('.');
  if (version !== 's1' || !payload || !mac || rest.length > 0) throw Problem.unauthorized();
  const [given, expected] = [Buffer.from(mac, 'base64url'), macOf(key, purpose, payload)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw Problem.unauthorized();
  // The signature is ours, so the payload is what signService() wrote.
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as T & { exp: number };
  if (claims.exp + TOLERANCE_S < systemClock.now().getTime() / 1000) throw Problem.unauthorized();
  return claims;
}

function macOf(key: string, purpose: ServicePurpose, payload: string): Buffer {
  if (key.length < 16) throw new Error('SERVICE_TOKEN_KEY must have at least 16 characters');
  return createHmac('sha256', key).update(`backhaul-service.v1.${purpose}.${payload}`).digest();
}
