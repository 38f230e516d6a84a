import type { JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import { distinct, issue } from '../reports/finish.js';

/** Error lines; an unreadable folder is told twice (T34), so paths are counted, not lines (N7). */
export function readErrors(messages: readonly Fields[], texts: readonly string[], result: JobResult): void {
  const errors = messages.filter((message) => message.peek('message_type') === 'error');
  for (const error of errors) {
    const path = error.peekText('item');
    result.issues.push(issue('WARNING', error.peekText('during'), messageOf(error), path));
  }
  for (const line of texts) if (line.startsWith('Warning:')) result.issues.push(issue('WARNING', null, line));
  if (errors.length > 0) result.counts.filesFailed = distinct(errors.map((error) => error.peekText('item')));
}

/** `{message}`, or in 0.14 what Go made of the system's error: `{Op, Path, Err}` with its number. */
function messageOf(message: Fields): string {
  const error = message.inner('error');
  const text = error.peekText('message');
  if (text !== null) return text;
  const parts = [error.peekText('Op'), error.peekText('Path')].filter((part) => part !== null).join(' ');
  const code = error.peek('Err');
  return `${parts || 'error'}${typeof code === 'number' ? `: errno ${code}` : ''}`;
}
