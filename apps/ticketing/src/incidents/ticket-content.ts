import { type Severity, toWellFormedText } from '@backhaul/domain';
import type { TicketSubject } from '@backhaul/messaging';

export interface ContentFacts {
  customerName: string;
  custId: number;
  username: string;
  accountNo: number;
  severity: Severity;
  /** ISO 8601 UTC. */
  occurredAt: string;
  occurrences: number;
  subject: TicketSubject;
}

const LONGEST_MESSAGE = 4000;
const WORDS: Record<string, string> = {
  'backup.failed': 'Backup failed',
  'backup.missed': 'Backup missed',
  'backup.completed': 'Backup completed',
  'backup.completed_warnings': 'Backup completed with warnings',
  'backup.completed_errors': 'Backup completed with errors',
  'backup.none_recent': 'No recent backups',
  'quota.exceeded': 'Quota exceeded',
  'quota.warning': 'Quota nearly used up',
  'bdr.hardware_failure': 'BDR hardware failure',
  disk_usage: 'Disk usage',
};

/** `backup.failed` as people say it. */
export function wordsOf(eventType: string): string {
  const plain = eventType.replace(/[._]/g, ' ');
  return WORDS[eventType] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** Agents' text is shown to people: one that could steer a terminal or a page loses what steers. */
function plain(text: string, longest: number): string {
  const cleaned = [...toWellFormedText(text)]
    .filter(
      (c) => c === '\n' || c === '\t' || (c >= ' ' && c !== '\u007f' && !(c >= '\u0080' && c <= '\u009f')),
    )
    .join('');
  return cleaned.length > longest ? `${cleaned.slice(0, longest - 1)}…` : cleaned;
}

/** What happened to whom, the most telling first: the port cuts at the PSA's length (D24). */
export function summaryOf({ subject, customerName, username }: ContentFacts): string {
  const where = subject.hostName ?? username;
  const job = subject.jobName ? ` (${subject.jobName})` : '';
  return plain(`${wordsOf(subject.eventType)}: ${where}${job} - ${customerName}`, 250).replace(/\s+/g, ' ');
}

/** Customer, account, host, job, type, severity, time, message (D46). */
export function descriptionOf(facts: ContentFacts): string {
  const { subject } = facts;
  const lines = [
    `${wordsOf(subject.eventType)} (${subject.eventType})`,
    '',
    `Customer: ${facts.customerName} (${facts.custId})`,
    `Account: ${facts.accountNo} (${facts.username})`,
    `Host: ${subject.hostName ?? 'unknown'}`,
    `Job: ${subject.jobName ?? 'unknown'}`,
    `Agent: ${subject.agent}`,
    `Severity: ${facts.severity}`,
    `Status: ${subject.status}`,
    `Time: ${facts.occurredAt}`,
    ...(facts.occurrences > 1 ? [`Times seen so far: ${facts.occurrences}`] : []),
    '',
    `Message: ${subject.message ?? 'none'}`,
  ];
  return plain(lines.join('\n'), LONGEST_MESSAGE + 1000);
}

/** A note about a repetition. `reference` makes its text unlike every other's, so that a repeat can be found. */
export function noteOf(facts: ContentFacts, reference: string): string {
  return `${descriptionOf({ ...facts, occurrences: 1 })}\nSeen ${facts.occurrences} times since the ticket was opened.\nReference: ${reference}`;
}

export function closingNoteOf(facts: ContentFacts, reference: string): string {
  const { subject } = facts;
  const job = subject.jobName ? ` of ${subject.jobName}` : '';
  return plain(
    `Resolved: ${wordsOf(subject.eventType)}${job} at ${facts.occurredAt}. Closed automatically.\nReference: ${reference}`,
    LONGEST_MESSAGE,
  );
}
