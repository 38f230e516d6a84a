import type { Issue, JobResult } from '@backhaul/domain';
import { setLog } from '../reports/finish.js';
import { LocalClock } from '../reports/times.js';

const SEVERITY_OF = new Map<string, Issue['severity']>([
  ['Warning', 'WARNING'],
  ['Error', 'ERROR'],
]);

/**
 * Keeps the lines and makes issues of warnings and errors.
 * @returns whether the log holds all that was given
 */
export function readLogLines(value: unknown, result: JobResult, clock: LocalClock): boolean {
  if (!Array.isArray(value)) return false;
  const lines = value.filter((line) => typeof line === 'string');
  for (const line of lines) {
    const found = issueIn(line, clock);
    if (found !== null) result.issues.push(found);
  }
  return setLog(result, lines) && lines.length === value.length;
}

/** `2026-11-20 02:01:10 +00 - [Warning-<tag>-<code>]: <text>` */
export function issueIn(line: string, clock: LocalClock): Issue | null {
  const open = line.indexOf(' - [');
  const close = line.indexOf(']: ', open);
  if (open < 0 || close < 0) return null;
  const tag = line.slice(open + 4, close);
  const dash = tag.indexOf('-');
  const severity = SEVERITY_OF.get(dash < 0 ? tag : tag.slice(0, dash));
  if (severity === undefined) return null;
  const message = line.slice(close + 3);
  const code = dash < 0 ? null : tag.slice(tag.lastIndexOf('-') + 1) || null;
  // On a clock of its own: a line's time says nothing about the zone of the report's.
  const at = new LocalClock(clock.zone).read(line.slice(0, open));
  return { severity, code, path: pathIn(message), message, at };
}

function pathIn(message: string): string | null {
  const mark = 'path: ';
  const at = message.indexOf(mark);
  return at < 0 ? null : message.slice(at + mark.length).trimEnd() || null;
}
