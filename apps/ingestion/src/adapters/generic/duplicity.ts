import type { JobResult } from '@backhaul/domain';
import type { Envelope } from '../reports/envelope.js';

/** duplicity prints its statistics as `Name value (in words)`, times as unix seconds. */
export function readDuplicity({ stdout, clock }: Envelope, result: JobResult): void {
  const values = statisticsIn(stdout);
  if (values.size === 0) return;
  const { timing, counts, bytes, outcome } = result;
  const count = (name: string): number | null => {
    const value = values.get(name);
    return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const time = (name: string): string | null => clock.readUnix(values.get(name) ?? 0);
  timing.startedAt = time('StartTime') ?? timing.startedAt;
  timing.endedAt = time('EndTime') ?? timing.endedAt;
  const elapsed = values.get('ElapsedTime');
  if (elapsed !== undefined && elapsed >= 0 && elapsed < 1e9) timing.durationMs = Math.round(elapsed * 1000);
  counts.filesExamined = count('SourceFiles');
  counts.filesNew = count('NewFiles');
  counts.filesChanged = count('ChangedFiles');
  counts.filesDeleted = count('DeletedFiles');
  counts.errors = count('Errors');
  bytes.examined = count('SourceFileSize');
  bytes.new = count('NewFileSize');
  bytes.changed = count('ChangedFileSize');
  result.job.kind = 'backup';
  // It ends with 0 although files could not be read (N12).
  if (outcome.status === 'success' && (counts.errors ?? 0) > 0) outcome.status = 'success_with_warnings';
}

function statisticsIn(stdout: string): Map<string, number> {
  const values = new Map<string, number>();
  const start = stdout.indexOf('[ Backup Statistics ]');
  if (start < 0) return values;
  for (const line of stdout.slice(start).split('\n')) {
    const match = /^([A-Z][A-Za-z]+) (-?\d+(?:\.\d+)?)(?: |\r|$)/.exec(line);
    if (match) values.set(match[1]!, Number(match[2]));
  }
  return values;
}
