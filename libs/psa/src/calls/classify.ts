import { PsaError, type PsaOutcome, type PsaReason } from '../psa-error.js';
import { type Answer, jsonOf } from './answer.js';
import { retryAfterMs } from './retry-after.js';
import { thrownOutcome } from './thrown-outcome.js';

/** What a PSA's own words change about the general rules. */
export interface Dialect {
  /** The texts of an error body, for people. */
  messagesOf(body: unknown): string[];
  /** A verdict from status and texts where the vendor means something else than HTTP does; else null. */
  verdict(status: number, messages: string[]): { outcome: PsaOutcome; reason: PsaReason } | null;
  /** Removes secrets, should a vendor echo them. */
  scrub(text: string): string;
}

export type Failure = { thrown: unknown } | { answer: Answer };

const MAX_MESSAGES = 5;
const MAX_MESSAGE_LENGTH = 300;

/** The only place that says what a failure means. Anything that is not proven harmless is `unknown`. */
export function classify(failure: Failure, dialect: Dialect, now: Date): PsaError {
  if ('thrown' in failure) {
    if (failure.thrown instanceof PsaError) return failure.thrown;
    return new PsaError(thrownOutcome(failure.thrown));
  }
  const { answer } = failure;
  const messages = vendorMessages(answer, dialect);
  const { outcome, reason } = dialect.verdict(answer.status, messages) ?? statusVerdict(answer.status);
  return new PsaError({
    outcome,
    reason,
    status: answer.status,
    vendorMessages: messages,
    vendorRequestId: answer.requestId,
    retryAfterMs: outcome === 'retry_after' ? retryAfterMs(answer.retryAfter, now) : null,
  });
}

/** A 2xx lands here only when its body was not what was promised: never a success. */
function statusVerdict(status: number): { outcome: PsaOutcome; reason: PsaReason } {
  if (status === 401) return { outcome: 'credential', reason: 'unauthorized' };
  if (status === 403) return { outcome: 'definitive', reason: 'forbidden' };
  if (status === 404) return { outcome: 'definitive', reason: 'not_found' };
  if (status === 408) return { outcome: 'unknown', reason: 'timed_out' };
  if (status === 409) return { outcome: 'definitive', reason: 'conflict' };
  if (status === 429) return { outcome: 'retry_after', reason: 'rate_limited' };
  if (status >= 400 && status < 500) return { outcome: 'definitive', reason: 'rejected' };
  if (status >= 500) return { outcome: 'unknown', reason: 'server_error' };
  if (status >= 300) return { outcome: 'unknown', reason: 'redirected' };
  return { outcome: 'unknown', reason: 'unreadable_answer' };
}

function vendorMessages(answer: Answer, dialect: Dialect): string[] {
  return dialect
    .messagesOf(jsonOf(answer))
    .slice(0, MAX_MESSAGES)
    .map((message) => dialect.scrub(message).slice(0, MAX_MESSAGE_LENGTH));
}
