import type { JobResult } from '@backhaul/domain';
import { type Envelope, preferTime } from '../reports/envelope.js';
import type { Fields } from '../reports/fields.js';

/** The line that ends a backup; before 0.17 it has no times. */
export function readSummary(summary: Fields, result: JobResult, envelope: Envelope): void {
  const { counts, bytes, timing, job } = result;
  job.kind = 'backup';
  counts.filesNew = summary.count('files_new');
  counts.filesChanged = summary.count('files_changed');
  counts.filesUnchanged = summary.count('files_unmodified');
  counts.filesExamined = summary.count('total_files_processed');
  counts.dirsNew = summary.count('dirs_new');
  counts.dirsChanged = summary.count('dirs_changed');
  bytes.examined = summary.count('total_bytes_processed');
  bytes.new = summary.count('data_added');
  bytes.uploaded = summary.count('data_added_packed');
  preferTime(result, 'startedAt', summary.time('backup_start', envelope.clock), envelope);
  preferTime(result, 'endedAt', summary.time('backup_end', envelope.clock), envelope);
  const seconds = summary.peek('total_duration');
  if (typeof seconds === 'number' && seconds >= 0 && seconds < 1e9)
    timing.durationMs = Math.round(seconds * 1000);
  result.outcome.dryRun = summary.flag('dry_run') ?? false;
  const id = summary.text('snapshot_id');
  job.nativeRunId = id;
  if (id !== null) result.restorePoint = { id, chainId: null };
}
