import type { JobKind, JobResult } from '@backhaul/domain';
import { issue } from '../reports/finish.js';

const KIND_OF = new Map<string, JobKind>([
  ['vzdump', 'backup'],
  ['replication', 'replication'],
  ['gc', 'gc'],
  ['prune', 'retention'],
  ['sync', 'sync'],
  // The code says one, the manual the other (T10).
  ['verify', 'verify'],
  ['verification', 'verify'],
  ['tape-backup', 'tape'],
]);

/** What kind of task a notification tells of, and why it failed. */
export function readTask(
  type: string | null,
  result: JobResult,
  title: string,
  message: string,
  warnings: string[],
): void {
  const kind = type === null ? undefined : KIND_OF.get(type);
  if (kind === undefined) warnings.push('unknown_kind');
  result.job.kind = kind ?? 'maintenance';
  if (result.outcome.status !== 'failed') return;
  result.issues.push(issue('ERROR', null, reasonIn(message) ?? title));
  for (const path of failedSnapshotsIn(message))
    result.issues.push(issue('ERROR', 'verification', 'Verification failed', path));
}

/** `Garbage collection failed: unable to open chunk store` */
function reasonIn(message: string): string | null {
  for (const line of message.slice(0, 16_384).split('\n')) {
    const at = line.indexOf(' failed: ');
    if (at > 0) return line.slice(at + ' failed: '.length).trim() || null;
  }
  return null;
}

/** The indented list below `Verification failed on these snapshots/groups:`. */
function failedSnapshotsIn(message: string): string[] {
  const start = message.indexOf('Verification failed on these');
  if (start < 0) return [];
  const found: string[] = [];
  for (const line of message
    .slice(start, start + 65_536)
    .split('\n')
    .slice(1)) {
    if (line.trim() === '') {
      if (found.length > 0) break;
    } else if (/^\s/.test(line)) found.push(line.trim());
    else break;
  }
  return found;
}
