import { createHash } from 'node:crypto';
import { Problem } from '../problems/problem.js';

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
  /** Method and pattern, such as `POST /customers`. */
  route: string;
  key: string;
}

/**
 * Runs `work` once per Idempotency-Key: same body, same answer; other body 422; still running 409.
 * Without the header the work simply runs.
 */
export async function idempotently(
  store: IdempotencyStore,
  request: { partnerId: string; route: string; header: string | string[] | undefined; body: unknown },
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  if (request.header === undefined) return work();
  const scope = { partnerId: request.partnerId, route: request.route, key: keyOf(request.header) };
  const bodyHash = createHash('sha256')
    .update(JSON.stringify(request.body ?? null))
    .digest('hex');
  const claim = await store.claim(scope, bodyHash);
  if (claim.state === 'running')
    throw Problem.conflict('A request with this Idempotency-Key is still running.');
  if (claim.state === 'done') return replay(claim, bodyHash);
  try {
    const answer = await work();
    await store.finish(scope, bodyHash, answer);
    return answer;
  } catch (error) {
    await store.release(scope);
    throw error;
  }
}

function replay(claim: { bodyHash: string; answer: StoredAnswer }, bodyHash: string): StoredAnswer {
  if (claim.bodyHash !== bodyHash) {
    throw Problem.unprocessable('This Idempotency-Key was used with another body.');
  }
  return { ...claim.answer, headers: { ...claim.answer.headers, 'idempotency-replayed': 'true' } };
}

function keyOf(header: string | string[]): string {
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  const detail = 'must be 1 to 200 visible ASCII characters';
  throw Problem.badRequest([{ pointer: '/Idempotency-Key', detail, rule: 'idempotencyKey' }]);
}
