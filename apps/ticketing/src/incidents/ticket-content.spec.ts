import { describe, expect, it } from '@jest/globals';
import { buildTicketRequest } from '@backhaul/testing';
import { toWellFormedText } from '@backhaul/domain';
import fc from 'fast-check';
import {
  closingNoteOf,
  type ContentFacts,
  descriptionOf,
  noteOf,
  summaryOf,
  wordsOf,
} from './ticket-content.js';

const factsOf = (over: Partial<ContentFacts> = {}): ContentFacts => ({
  customerName: 'ACME Corp',
  custId: 34826,
  username: 'acme-backup',
  accountNo: 80202028,
  severity: 'ERROR',
  occurredAt: '2026-11-20T02:10:00.000Z',
  occurrences: 1,
  subject: buildTicketRequest().subject,
  ...over,
});

describe('what a ticket says', () => {
  it('names customer, account, host, job, type, severity, time and message (D46)', () => {
    const text = descriptionOf(factsOf());
    for (const part of [
      'ACME Corp (34826)',
      '80202028 (acme-backup)',
      'ACME-WS07',
      'Nightly files',
      'backup.failed',
      'ERROR',
      '2026-11-20T02:10:00.000Z',
      'The backup target could not be reached',
    ])
      // prettier-ignore
      expect(text).toContain(part);
  });

  it('puts what happened and where first in the title (D24)', () => {
    expect(summaryOf(factsOf())).toBe('Backup failed: ACME-WS07 (Nightly files) - ACME Corp');
    const subject = { ...factsOf().subject, hostName: null, jobName: null };
    expect(summaryOf(factsOf({ subject }))).toBe('Backup failed: acme-backup - ACME Corp');
  });

  describe('of a site outage', () => {
    const site = {
      accountNo: 3,
      accountCount: 7,
      accounts: [
        { accountNo: 2, username: 'acme-two' },
        { accountNo: 3, username: 'x'.repeat(60) },
        { accountNo: 4, username: null },
      ],
    };
    const facts = factsOf({ subject: { ...factsOf().subject, site } });

    it('is the customer, how many accounts and which, then the newest problem with the account of it', () => {
      expect(summaryOf(facts)).toBe('Site outage: 7 accounts - ACME Corp');
      const text = descriptionOf(facts);
      expect(text).toContain('Site outage: 7 accounts of ACME Corp with problems');
      expect(text).toContain(`Accounts: 2 (acme-two), 3 (${'x'.repeat(39)}…), 4 and 4 more`);
      expect(text).toContain(`Account: 3 (${'x'.repeat(39)}…)`);
      expect(text).toContain('backup.failed');
      expect(text).not.toContain('acme-backup');
      expect(noteOf(facts, 'R')).toContain('7 accounts');
      expect(closingNoteOf(facts, 'R')).toContain('all problems of the site outage');
    });

    it('says of whose problems nothing was heard any more, in notes and when it closes', () => {
      const silent = { days: 35, accounts: [{ accountNo: 5, username: 'acme-five' }, { accountNo: 6, username: null }] };
      const line = 'Nothing was heard for 35 days of a problem of 5 (acme-five), 6: it counts no more.';
      const subject = { ...facts.subject, site: { ...site, silent } };
      expect(noteOf({ ...facts, subject }, 'R')).toContain(line);
      expect(closingNoteOf({ ...facts, subject }, 'R')).toContain(line);
      const last = closingNoteOf({ ...facts, subject: { ...subject, status: 'silent' } }, 'R');
      expect(last).toContain('No problem of the site outage is left that was heard of lately');
      expect(last).not.toContain('Resolved');
      expect(last).toContain(line);
    }); // prettier-ignore

    it('is no longer than that of others', () => {
      const accounts = Array.from({ length: 20 }, () => ({ accountNo: 2_000_000_000, username: 'x'.repeat(255) }));
      const subject = { ...facts.subject, message: 'x'.repeat(9000), site: { ...site, accounts, silent: { days: 35, accounts } } };
      expect(descriptionOf({ ...facts, subject }).length).toBeLessThan(6000);
    }); // prettier-ignore
  });

  it('says an unknown type in words', () => {
    expect(wordsOf('tape.robot_jammed')).toBe('Tape robot jammed');
  });

  it('lets no name look like a line of ours', () => {
    const subject = { ...factsOf().subject, hostName: 'PC1\nSeverity: OK' };
    expect(descriptionOf(factsOf({ subject }))).not.toMatch(/^Severity: OK$/m);
  });

  it('makes no two notes alike, and the same note the same again', () => {
    expect(noteOf(factsOf(), 'BKA-1')).toBe(noteOf(factsOf(), 'BKA-1'));
    expect(noteOf(factsOf(), 'BKA-1')).not.toBe(noteOf(factsOf(), 'BKA-2'));
    expect(closingNoteOf(factsOf(), 'BKA-1')).toContain('Reference: BKA-1');
  });

  it('is safe and bounded text, whatever an agent wrote', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 }).map((part) => part.repeat(30));
    fc.assert(
      fc.property(text, text, text, text, (hostName, jobName, message, customerName) => {
        const subject = { ...factsOf().subject, hostName, jobName, message };
        const facts = factsOf({ subject, customerName });
        for (const said of [
          summaryOf(facts),
          descriptionOf(facts),
          noteOf(facts, 'R'),
          closingNoteOf(facts, 'R'),
        ]) {
          expect(toWellFormedText(said)).toBe(said);
          expect(said.length).toBeLessThan(6000);
          expect(said.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\u202e]/u);
        }
        expect(summaryOf(facts)).not.toContain('\n');
      }),
      { numRuns: 200 },
    );
  });
});
