import type { JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import type { LocalClock } from '../reports/times.js';

/** The figures of an operation. `ParsedResult` stands in several places; the run's own is read elsewhere (T1). */
export function readStatistics(data: Fields, result: JobResult, clock: LocalClock): void {
  const { timing, counts, bytes } = result;
  timing.startedAt = data.time('BeginTime', clock);
  timing.endedAt = data.time('EndTime', clock);
  const duration = data.peekText('Duration');
  timing.durationMs = duration === null ? null : durationMsOf(duration);
  counts.filesExamined = data.count('ExaminedFiles');
  counts.filesNew = data.count('AddedFiles');
  counts.filesChanged = data.count('ModifiedFiles');
  counts.filesDeleted = data.count('DeletedFiles');
  counts.filesSkipped = data.count('NotProcessedFiles');
  counts.filesTooLarge = data.count('TooLargeFiles');
  counts.filesFailed = data.count('FilesWithError');
  counts.dirsNew = data.count('AddedFolders');
  counts.dirsChanged = data.count('ModifiedFolders');
  counts.warnings = data.count('WarningsActualLength');
  counts.errors = data.count('ErrorsActualLength');
  bytes.examined = data.count('SizeOfExaminedFiles');
  bytes.new = data.count('SizeOfAddedFiles');
  bytes.changed = data.count('SizeOfModifiedFiles');
  readBackend(data.inner('BackendStatistics'), result);
}

function readBackend(backend: Fields, { bytes }: JobResult): void {
  bytes.uploaded = backend.count('BytesUploaded');
  bytes.downloaded = backend.count('BytesDownloaded');
  bytes.storedAfter = backend.count('KnownFileSize');
  // -1 is no quota, 0 an unknown one (T5); once the total is known, 0 free is a full destination.
  const assigned = positive(backend, 'AssignedQuotaSpace');
  const total = assigned ?? positive(backend, 'TotalQuotaSpace');
  bytes.quotaTotal = total;
  bytes.quotaFree = total === null ? positive(backend, 'FreeQuotaSpace') : backend.count('FreeQuotaSpace');
}

function positive(fields: Fields, name: string): number | null {
  const value = fields.peek(name);
  return typeof value === 'number' && value > 0 ? fields.count(name) : null;
}

const DURATION = /^(?:(\d{1,6})\.)?(\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

/** `[d.]hh:mm:ss[.fffffff]`, rounded down to milliseconds. */
export function durationMsOf(text: string): number | null {
  const parts = DURATION.exec(text);
  if (parts === null) return null;
  const [days, hours, minutes, seconds] = [+(parts[1] ?? 0), +parts[2]!, +parts[3]!, +parts[4]!];
  const ms = parts[5] === undefined ? 0 : Math.floor(+parts[5].slice(0, 3).padEnd(3, '0'));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
}
