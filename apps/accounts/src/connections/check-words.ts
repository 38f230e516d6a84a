import type { ConnectionCheck, PsaReason } from '@backhaul/psa';
import type { CheckOut } from './connections.types.js';

/** What lies between us and the PSA, told apart, would let a partner map networks through us (security 5.2). */
const OF_THE_NETWORK: ReadonlySet<PsaReason> = new Set([
  'refused', 'host_not_found', 'tls_failed', 'connect_timeout', 'unreachable', 'egress_blocked',
  'aborted_before_sending', 'connection_lost', 'timed_out', 'aborted',
]); // prettier-ignore

/** What each step needs of the API member or API user, as the PSA calls it (B18). */
const AREAS: Record<string, string> = {
  version: 'System > My Company',
  boards: 'Service Desk > Boards',
  companies: 'Companies',
  tickets: 'Service Desk > Service Tickets',
  ticketRights: 'Tickets',
  noteRights: 'Ticket Notes',
  solution: 'System > Management IT',
};

const WORDS: Partial<Record<string, string>> = {
  unreachable: 'The PSA could not be reached. Check the address, and that the PSA answers from the internet.',
  unauthorized: 'Credentials rejected: the PSA does not accept the keys.',
  company_unknown: 'Wrong company: the site does not know this company id.',
  solution_unknown:
    'The Management Solution Name was not found in the PSA. It must equal the name of the Custom Solution under Management IT.',
  unreadable_answer:
    'The address answers with a page instead of the API. Give the address of the site itself.',
  answer_too_large: 'The address answers, but not as this PSA does.',
  redirected: 'The address redirects elsewhere. Give the address that it leads to.',
  not_found: 'The address answers, but there is no API below it.',
  rate_limited: 'The PSA asks us to wait. Try again in a minute.',
  thread_limit: 'The PSA asks us to wait. Try again in a minute.',
  server_error: 'The PSA reports an error of its own. Try again later.',
  setting_missing: 'The credentials are not complete.',
  secrets_lost: 'The stored keys cannot be opened any more. Enter them again.',
};

/** The check with words for people. Never a text of the PSA: what answers may be anything. */
export function shownCheck(check: ConnectionCheck): CheckOut {
  const steps = check.steps.map(({ name, isOk, reason }) => {
    const told = shownReason(reason);
    return { name, isOk, reason: told, message: told === null ? null : messageOf(name, told) };
  });
  return { isOk: check.isOk, version: check.version, steps };
}

function messageOf(step: string, reason: string): string {
  if (reason === 'forbidden') return `Member lacks permission: ${AREAS[step] ?? step}.`;
  return WORDS[reason] ?? 'The PSA refused the test.';
}

function shownReason(reason: string | null): string | null {
  return reason !== null && (OF_THE_NETWORK as ReadonlySet<string>).has(reason) ? 'unreachable' : reason;
}
