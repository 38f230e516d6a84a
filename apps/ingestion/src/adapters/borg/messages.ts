import type { Issue, JobResult } from '@backhaul/domain';
import type { Envelope } from '../reports/envelope.js';
import type { Fields } from '../reports/fields.js';
import { distinct, issue } from '../reports/finish.js';

const SEVERITY_OF = new Map<string, Issue['severity']>([
  ['WARNING', 'WARNING'],
  ['ERROR', 'ERROR'],
  ['CRITICAL', 'ERROR'],
]);

/** What borg logged: issues, the paths that failed, and times where nothing better is known. */
export function readMessages(
  messages: readonly Fields[],
  texts: readonly string[],
  result: JobResult,
  { clock }: Envelope,
): void {
  for (const line of messages) {
    const found = issueIn(line, clock.readUnix(numberIn(line)));
    if (found !== null) result.issues.push(found);
  }
  const { issues, timing, counts, outcome } = result;
  const warnings = issues.filter(({ severity }) => severity === 'WARNING');
  counts.warnings = warnings.length;
  counts.errors = issues.length - warnings.length;
  const paths = distinct(warnings.map(({ path }) => path));
  if (paths > 0) counts.filesFailed = paths;
  const times = messages.map(numberIn).filter((seconds) => seconds > 0);
  timing.startedAt ??= clock.readUnix(times.at(0) ?? 0);
  timing.endedAt ??= clock.readUnix(times.at(-1) ?? 0);
  const worst = issues.findLast(({ severity }) => severity === 'ERROR') ?? issues[0];
  outcome.message = worst?.message ?? texts.at(-1) ?? null;
}

function numberIn(line: Fields): number {
  const time = line.peek('time');
  return typeof time === 'number' ? time : 0;
}

function issueIn(line: Fields, at: string | null): Issue | null {
  if (line.peek('type') !== 'log_message') return null;
  const severity = SEVERITY_OF.get(line.peekText('levelname') ?? '');
  if (severity === undefined) return null;
  const message = line.peekText('message') ?? '';
  return issue(
    severity,
    line.peekText('msgid'),
    message,
    severity === 'WARNING' ? pathIn(message) : null,
    at,
  );
}

/** `home/a.pst: open: [Errno 13] Permission denied` */
function pathIn(message: string): string | null {
  const end = message.indexOf(': ');
  return end > 0 ? message.slice(0, end) : null;
}
