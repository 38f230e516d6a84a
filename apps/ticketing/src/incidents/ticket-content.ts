import { type Severity, toWellFormedText } from '@backhaul/domain';
import type { TicketSite, TicketSubject } from '@backhaul/messaging';

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
/** A ticket that tells of many accounts is as long as others. */
const LONGEST_SITE_MESSAGE = 2000;
const LONGEST_USERNAME = 40;
const LONGEST_NAME = 200;
/** The status of a subject whose problem a person declared solved. */
export const RESOLVED_BY_HAND = 'resolved_by_hand';
/** That of one whose last problems were not heard of any more. */
const SILENT = 'silent';
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

/** Controls but line feed and tab, and what turns the direction of text around. */
const STEERING = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Agents' text is shown to people: one that could steer a terminal or a page loses what steers. */
function plain(text: string, longest: number): string {
  const cleaned = toWellFormedText(text).replace(STEERING, '');
  // Cut between two halves of a character, the lone half is replaced.
  return cleaned.length > longest ? `${toWellFormedText(cleaned.slice(0, longest - 1))}…` : cleaned;
}

/** A name on a line of its own: it must not look like the lines that follow. */
const line = (name: string, longest = LONGEST_NAME): string => plain(name.replace(/\s+/g, ' '), longest);

const accountsOf = ({ accountCount }: TicketSite): string =>
  `${accountCount} account${accountCount === 1 ? '' : 's'}`;

const accountOf = ({ accountNo, username }: TicketSite['accounts'][number]): string =>
  username === null ? `${accountNo}` : `${accountNo} (${line(username, LONGEST_USERNAME)})`;

/** What happened to whom, the most telling first: the port cuts at the PSA's length (D24). */
export function summaryOf({ subject, customerName, username }: ContentFacts): string {
  if (subject.site) return line(`Site outage: ${accountsOf(subject.site)} - ${line(customerName)}`);
  const where = subject.hostName ?? username;
  const job = subject.jobName ? ` (${subject.jobName})` : '';
  return line(`${wordsOf(subject.eventType)}: ${line(where)}${line(job)} - ${line(customerName)}`);
}

/** Customer, account, host, job, type, severity, time, message (D46). */
export function descriptionOf(facts: ContentFacts): string {
  const { subject } = facts;
  const { site } = subject;
  const account = `Account: ${facts.accountNo} (${line(facts.username)})`;
  const lines = [
    ...(site ? siteLines(facts, site) : []),
    `${wordsOf(subject.eventType)} (${subject.eventType})`,
    '',
    `Customer: ${line(facts.customerName)} (${facts.custId})`,
    site ? siteAccountOf(site) : account,
    `Host: ${line(subject.hostName ?? 'unknown')}`,
    `Job: ${line(subject.jobName ?? 'unknown')}`,
    `Agent: ${line(subject.agent)}`,
    `Severity: ${facts.severity}`,
    `Status: ${line(subject.status)}`,
    `Time: ${line(facts.occurredAt)}`,
    ...(facts.occurrences > 1 ? [`Times seen so far: ${facts.occurrences}`] : []),
    '',
    `Message: ${plain(subject.message ?? 'none', site ? LONGEST_SITE_MESSAGE : LONGEST_MESSAGE)}`,
  ];
  return lines.join('\n');
}

/** Before the newest problem: how many accounts of the customer fail, and which. */
function siteLines({ customerName }: ContentFacts, site: TicketSite): string[] {
  const named = site.accounts.map(accountOf).join(', ');
  const others = site.accountCount - site.accounts.length;
  return [
    `Site outage: ${accountsOf(site)} of ${line(customerName)} with problems`,
    `Accounts: ${named}${others > 0 ? ` and ${others} more` : ''}`,
    ...silentLines(site),
    'It closes when the last of the problems is over. The newest:',
    '',
  ];
}

/** Which problems count no more, so that nobody takes them for healed. */
const silentLines = ({ silent }: TicketSite): string[] =>
  silent
    ? [`Nothing was heard for ${silent.days} days of a problem of ${silent.accounts.map(accountOf).join(', ')}: it counts no more.`]
    : []; // prettier-ignore

/** Not the account with which the ticket is kept, but the one of the problem. */
function siteAccountOf({ accountNo, accounts }: TicketSite): string {
  const known = accounts.find((account) => account.accountNo === accountNo);
  return `Account: ${accountOf(known ?? { accountNo, username: null })}`;
}

/** A note about a repetition. `reference` makes its text unlike every other's, so that a repeat can be found. */
export function noteOf(facts: ContentFacts, reference: string): string {
  return `${descriptionOf({ ...facts, occurrences: 1 })}\nSeen ${facts.occurrences} times since the ticket was opened.\nReference: ${reference}`;
}

export function closingNoteOf(facts: ContentFacts, reference: string): string {
  const { site } = facts.subject;
  return [endOf(facts), ...(site ? silentLines(site) : []), `Reference: ${reference}`].join('\n');
}

function endOf({ subject, occurredAt }: ContentFacts): string {
  if (subject.status === RESOLVED_BY_HAND) return `Declared resolved by hand at ${occurredAt}.`;
  if (subject.status === SILENT)
    return `No problem of the site outage is left that was heard of lately, at ${occurredAt}. Closed automatically.`;
  const all = subject.site ? 'all problems of the site outage, the last by ' : '';
  const job = subject.jobName ? ` of ${line(subject.jobName)}` : '';
  return `Resolved: ${all}${wordsOf(subject.eventType)}${job} at ${occurredAt}. Closed automatically.`;
}
