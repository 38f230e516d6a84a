import type { PsaReason } from './psa-error.js';

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

/** The PSA took the call and did not answer in time. */
export const isLateAnswer = (reason: PsaReason): boolean => LATE.has(reason);
