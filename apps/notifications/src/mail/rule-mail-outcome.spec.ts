import { expect, test } from '@jest/globals';
import type { MailEnd } from './mail.repository.js';
import { outcomeOfMails } from './rule-mail-outcome.js';

test.each<[MailEnd[], string, string]>([
  [['sent'], 'done', 'sent'],
  [['sent', 'sent'], 'done', 'sent'],
  [['bounced', 'sent', 'suppressed'], 'done', 'sent'],
  [['bounced'], 'failed', 'bounced'],
  [['suppressed', 'bounced'], 'failed', 'bounced'],
  [['suppressed', 'expired'], 'failed', 'suppressed'],
  [['expired'], 'failed', 'expired'],
])('mails that are %j make the action %s: %s', (states, state, reason) => {
  expect(outcomeOfMails(states)).toMatchObject({ state, reason, message: expect.stringMatching(/\.$/) });
});

test('who reads it learns how many of several addresses got it, and none of them', () => {
  expect(outcomeOfMails(['sent', 'bounced']).message).toContain('1 of 2 addresses');
  expect(outcomeOfMails(['sent']).message).toBe('Sent to 1 address.');
});
