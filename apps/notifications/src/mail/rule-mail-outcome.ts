import type { MailOutcomePayload } from '@backhaul/messaging';
import type { MailEnd } from './mail.repository.js';

type Said = Pick<MailOutcomePayload, 'state' | 'reason' | 'message'>;

/** Whose addresses they are: an account's, or those that a handler names. */
type Whose = 'account' | 'handler';

const failures = (whose: Whose): readonly { state: MailEnd; message: string }[] => [
  { state: 'bounced', message: 'The mail was refused.' },
  {
    state: 'suppressed',
    message: `The ${whose}’s address refused a mail of the last day; no other was tried.`,
  },
  { state: 'expired', message: 'The mail could not be sent within three days.' },
];

const WHICH: Readonly<Record<Whose, string>> = {
  account: '; the account’s notification options show which refuse mail.',
  handler: '.',
};

/** What came of one rule's or handler's mails, once all of them have ended: one that arrived is enough. */
export function outcomeOfMails(states: readonly MailEnd[], whose: Whose = 'account'): Said {
  const sent = states.filter((state) => state === 'sent').length;
  if (sent === states.length)
    return { state: 'done', reason: 'sent', message: `Sent to ${addresses(sent)}.` };
  if (sent > 0) {
    const message = `Sent to ${sent} of ${addresses(states.length)}${WHICH[whose]}`;
    return { state: 'done', reason: 'sent', message };
  }
  const [failure] = failures(whose).filter(({ state }) => states.includes(state));
  return { state: 'failed', reason: failure?.state ?? 'expired', message: failure?.message ?? '' };
}

const addresses = (count: number): string => (count === 1 ? '1 address' : `${count} addresses`);
