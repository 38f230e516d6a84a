import type { JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import type { LocalClock } from '../reports/times.js';
import { readStatus } from './status.js';

const TRIGGER_OF = new Map<unknown, JobResult['job']['trigger']>([
  ['M', 'manual'],
  ['S', 'scheduled'],
]);

/** What makes something in `Data` a run of a backup set. */
export function isJob(job: Fields): boolean {
  return job.has('BackupJobStatus') || (job.has('ID') && job.has('StartTime')) || job.has('BackupJobMode');
}

/**
 * Reads a row of ListBackupJobStatus or a GetBackupJobReport. The latter names neither login nor set: the script
 * puts them beside the answer.
 * @returns what was not understood
 */
export function readJob(from: Fields, beside: Fields, result: JobResult, clock: LocalClock): string[] {
  const { job, identity, timing } = result;
  const text = (name: string): string | null =>
    from.text(name) ?? (beside === from ? null : beside.text(name));
  identity.nativeAccount = text('LoginName');
  // An account backs up one computer, and its login is the only name that Ahsay tells of it.
  identity.hostName = identity.nativeAccount;
  job.kind = 'backup';
  job.sourceId = text('BackupSetID');
  job.jobName = text('BackupSetName');
  job.destinationId = text('DestinationID');
  // One set may go to several destinations; a good run to one says nothing about the other.
  job.nativeJobId = [job.sourceId, job.destinationId].filter((id) => id !== null).join(':') || null;
  const id = from.peekText('ID');
  job.nativeRunId = id === null ? null : [identity.nativeAccount ?? '', job.nativeJobId ?? '', id].join('/');
  job.trigger = TRIGGER_OF.get(from.peek('BackupJobMode') ?? beside.peek('BackupJobMode')) ?? 'unknown';
  const status = from.peek('BackupJobStatus');
  const unknown = readStatus(typeof status === 'string' ? status : null, result);
  if (result.outcome.nativeStatus !== null) from.take('BackupJobStatus');
  timing.startedAt = from.time('StartTime', clock);
  if (result.outcome.status !== 'running') timing.endedAt = from.time('EndTime', clock);
  readNumbers(from, result);
  if (id !== null && result.outcome.phase === 'finished') {
    result.restorePoint = { id, chainId: null };
    from.take('ID');
  }
  return unknown;
}

function readNumbers(from: Fields, { counts, bytes }: JobResult): void {
  counts.warnings = from.countText('NumOfWarnEntries');
  counts.errors = from.countText('NumOfErrorEntries');
  counts.filesNew = from.countText('NumOfNewFiles');
  counts.filesChanged = from.countText('NumOfUpdatedFiles');
  counts.filesDeleted = from.countText('NumOfDeletedFiles');
  counts.filesMoved = from.countText('NumOfMovedFiles');
  counts.filesPermissionChanged = from.countText('NumOfUpdatedPermissionFiles');
  counts.vms = from.countText('SuccessVirtualMachine');
  bytes.new = from.countText('TotalNewFilesSize');
  bytes.changed = from.countText('TotalUpdatedFilesSize');
  bytes.deleted = from.countText('TotalDeletedFilesSize');
  bytes.uploaded = from.countText('UploadSize');
}
