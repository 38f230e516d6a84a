import type { MailOutcomePayload } from '@backhaul/messaging';
import type { MailEnd } from './mail.repository.js';

type Said = Pick<MailOutcomePayload, 'state' | 'reason' | 'message'>;

const FAILURES: readonly { state: MailEnd; message: string }[] = [
  { state: 'bounced', message: 'The mail was refused.' },
  {
    state: 'suppressed',
    message: 'The account’s address refused a mail of the last day; no other was tried.',
  },
  { state: 'expired', message: 'The mail could not be sent within three days.' },
];

/** What came of one rule's mails about one event, once all of them have ended: one that arrived is enough. */
export function outcomeOfMails(states: readonly MailEnd[]): Said {
  const sent = states.filter((state) => state === 'sent').length;
  if (sent === states.length)
    return { state: 'done', reason: 'sent', message: `Sent to ${addresses(sent)}.` };
  if (sent > 0) {
    const message = `Sent to ${sent} of ${addresses(states.length)}; the account’s notification options show which refuse mail.`;
    return { state: 'done', reason: 'sent', message };
  }
  const [failure] = FAILURES.filter(({ state }) => states.includes(state));
  return { state: 'failed', reason: failure?.state ?? 'expired', message: failure?.message ?? '' };
}

const addresses = (count: number): string => (count === 1 ? '1 address' : `${count} addresses`);
