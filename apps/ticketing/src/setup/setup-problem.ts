import { Problem } from '@backhaul/http';
import { SealError } from '@backhaul/persistence';
import { PsaError, type PsaReason } from '@backhaul/psa';
import type { Refused } from './call-budget.js';

/** After the connection was made nobody answered in time. */
const LATE: ReadonlySet<PsaReason> = new Set(['timed_out', 'aborted', 'aborted_before_sending']);
/** What lies between us and the PSA, told apart, would map networks for who asks: one word for all of it. */
const NETWORK: ReadonlySet<PsaReason> = new Set([
  'refused', 'host_not_found', 'tls_failed', 'connect_timeout', 'unreachable', 'egress_blocked', 'connection_lost',
]); // prettier-ignore

const WORDS: Partial<Record<PsaReason, string>> = {
  unauthorized:
    'the PSA does not accept the credentials. Check the keys, and that they are active in the PSA',
  company_unknown: 'the site does not know this company id',
  forbidden: 'the API member lacks the permission. Give it to the member or its security role in the PSA',
  not_found: 'the PSA has nothing there',
  unreadable_answer: 'the address answers with a page instead of the API',
  redirected: 'the address redirects elsewhere. Give the address that it leads to',
  answer_too_large: 'the PSA answers more than can be read',
  rate_limited: 'the PSA asks us to wait',
  thread_limit: 'the PSA asks us to wait',
  server_error: 'the PSA reports an error of its own. Try again later',
};

/** @param step what was tried, such as `reading queues` */
export function setupProblem(error: unknown, step: string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof SealError && error.reason === 'key_missing')
    return Problem.unavailable(60, 'The platform cannot open the stored credentials at the moment.', error);
  if (error instanceof SealError)
    return Problem.conflict('The stored credentials cannot be opened any more: enter them again.');
  if (!(error instanceof PsaError)) throw error;
  const { outcome, reason, retryAfterMs } = error;
  if (reason === 'setting_missing')
    return Problem.conflict('The credentials are not complete: enter them again.');
  if (outcome === 'retry_after')
    return Problem.unavailable((retryAfterMs ?? 30_000) / 1000, `While ${step}: the PSA asks us to wait.`);
  if (LATE.has(reason)) return Problem.gatewayTimeout(`While ${step}: the PSA did not answer in time.`);
  return Problem.badGateway(`While ${step}: ${wordsOf(reason)}.`);
}

/** Never a text of the PSA: what answers may be anything. */
export function wordsOf(reason: PsaReason): string {
  if (NETWORK.has(reason))
    return 'the PSA could not be reached. Check the address, and that the PSA answers from the internet';
  if (LATE.has(reason)) return 'the PSA did not answer in time';
  return WORDS[reason] ?? 'the PSA refused';
}

/** The reason as people may read it: one word for the network here too. */
export function shownReason(reason: PsaReason): string {
  if (NETWORK.has(reason)) return 'unreachable';
  return LATE.has(reason) ? 'timed_out' : reason;
}

export function heldProblem({ waitS, why }: Refused): Problem {
  switch (why) {
    case 'breaker':
      return Problem.unavailable(waitS, 'The PSA is down: calls to it wait until it answers again.');
    case 'rate_limited':
      return Problem.unavailable(waitS, 'The PSA asks us to wait.');
    case 'budget':
      return Problem.tooMany(waitS, 'The calls that this PSA allows are used up for the moment.');
  }
}
