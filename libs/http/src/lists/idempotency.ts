import { createHash } from 'node:crypto';
import { Problem } from '../problems/problem.js';
import { digestOfKey, openBody, sealBody, type SealedBody, type SealingPlace } from './sealed-answer.js';

export const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1000;

export interface StoredAnswer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

export type IdempotencyClaim =
  { state: 'new' } | { state: 'running' } | { state: 'done'; bodyHash: string; answer: StoredAnswer };

/** A table that the app owns, keyed by (partnerId, route, key). `claim` must be atomic. */
export interface IdempotencyStore {
  claim(scope: IdempotencyScope, bodyHash: string): Promise<IdempotencyClaim>;
  finish(scope: IdempotencyScope, bodyHash: string, answer: StoredAnswer): Promise<void>;
  /** The work failed: the key may be used again. */
  release(scope: IdempotencyScope): Promise<void>;
}

export interface IdempotencyScope {
  partnerId: string;
  /** Method and pattern, such as `POST /customers`, and whose request it is. */
  route: string;
  /** SHA-256 of what the client sent, hex. */
  key: string;
}

export interface IdempotentRequest {
  partnerId: string;
  route: string;
  header: string | string[] | undefined;
  body: unknown;
  /** The answer holds a secret: it is kept sealed, for who repeats the request alone. The text of SERVICE_TOKEN_KEY. */
  sealedWith?: string;
}

/**
 * Runs `work` once per Idempotency-Key: same body, same answer; other body 422; still running 409.
 * Without the header the work simply runs.
 */
export async function idempotently(
  store: IdempotencyStore,
  request: IdempotentRequest,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  if (request.header === undefined) return work();
  const { partnerId, route } = request;
  const place: SealingPlace = { partnerId, route, key: keyOf(request.header) };
  const scope = { partnerId, route, key: digestOfKey(place.key) };
  const bodyHash = createHash('sha256')
    .update(JSON.stringify(request.body ?? null))
    .digest('hex');
  const claim = await store.claim(scope, bodyHash);
  if (claim.state === 'running')
    throw Problem.conflict('A request with this Idempotency-Key is still running.');
  if (claim.state === 'done') return replay(claim, bodyHash, place, request.sealedWith);
  try {
    const answer = await work();
    await store.finish(scope, bodyHash, kept(answer, place, request.sealedWith));
    return answer;
  } catch (error) {
    await store.release(scope);
    throw error;
  }
}

function kept(answer: StoredAnswer, place: SealingPlace, sealedWith: string | undefined): StoredAnswer {
  return sealedWith === undefined ? answer : { ...answer, body: sealBody(sealedWith, place, answer.body) };
}

function replay(
  { bodyHash: known, answer }: { bodyHash: string; answer: StoredAnswer },
  bodyHash: string,
  place: SealingPlace,
  sealedWith: string | undefined,
): StoredAnswer {
  if (known !== bodyHash) {
    throw Problem.unprocessable('This Idempotency-Key was used with another body.');
  }
  const body = sealedWith === undefined ? answer.body : opened(sealedWith, place, answer.body as SealedBody);
  return { ...answer, body, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

/** @throws Problem 409 once the service's key was replaced */
function opened(sealedWith: string, place: SealingPlace, body: SealedBody): unknown {
  try {
    return openBody(sealedWith, place, body);
  } catch {
    throw Problem.conflict('This was done already, and its answer can no longer be read.');
  }
}

function keyOf(header: string | string[]): string {
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  const detail = 'must be 1 to 200 visible ASCII characters';
  throw Problem.badRequest([{ pointer: '/Idempotency-Key', detail, rule: 'idempotencyKey' }]);
}
