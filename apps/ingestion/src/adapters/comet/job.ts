import type { JobKind, JobResult, Status } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import { isObject } from '../reports/json.js';
import type { LocalClock } from '../reports/times.js';

/** What a job did decides before how it ended (T20): all end with the same codes. */
const KIND_OF = new Map<unknown, JobKind>([
  [4001, 'backup'],
  [4002, 'restore'],
  [4003, 'retention'],
  [4004, 'maintenance'],
  [4005, 'retention'],
  [4006, 'maintenance'],
  [4007, 'maintenance'],
  [4008, 'maintenance'],
  [4009, 'maintenance'],
  [4010, 'verify'],
  [4011, 'maintenance'],
]);

const STATUS_OF = new Map<unknown, Status>([
  [5000, 'success'],
  [6000, 'running'],
  [6001, 'running'],
  [6002, 'running'],
  [6003, 'running'],
  [6004, 'queued'],
  [7000, 'timeout'],
  [7001, 'success_with_warnings'],
  [7002, 'failed'],
  [7003, 'quota_exceeded'],
  [7004, 'missed'],
  [7005, 'cancelled'],
  [7006, 'skipped'],
  [7007, 'abandoned'],
]);

/** Reads `Data` of a job; returns what was not understood. */
export function readJob(data: Fields, result: JobResult, clock: LocalClock): string[] {
  const { job, identity, timing, counts } = result;
  const kind = KIND_OF.get(data.peek('Classification'));
  job.kind = kind ?? 'other';
  job.nativeRunId = data.text('GUID');
  identity.nativeAccount = data.text('Username');
  identity.nativeDeviceId = data.text('DeviceID');
  job.sourceId = data.text('SourceGUID');
  job.destinationId = data.text('DestinationGUID');
  // One source may go to several vaults; a good run to one says nothing about the other.
  job.nativeJobId = [job.sourceId, job.destinationId].filter((id) => id !== null).join(':') || null;
  job.retryCount = data.count('RetryCount');
  job.trigger = data.peekText('BackupRuleGUID') === null ? 'unknown' : 'scheduled';
  timing.startedAt = data.unixTime('StartTime', clock);
  timing.endedAt = data.unixTime('EndTime', clock);
  counts.filesExamined = data.count('TotalFiles');
  counts.dirs = data.count('TotalDirectories');
  counts.chunks = data.count('TotalChunks');
  counts.vms = data.count('TotalVmCount');
  counts.sites = data.count('TotalSitesCount');
  counts.accounts = data.count('TotalAccountsCount');
  counts.mailboxes = counts.accounts;
  counts.mailboxesLicensed = data.count('TotalLicensedMailsCount');
  counts.mailboxesUnlicensed = data.count('TotalUnlicensedMailsCount');
  readBytes(data, result);
  const snapshotId = data.text('SnapshotID');
  if (snapshotId !== null) result.restorePoint = { id: snapshotId, chainId: null };
  return readStatus(data, result, kind !== undefined);
}

function readBytes(data: Fields, { bytes }: JobResult): void {
  bytes.examined = data.count('TotalSize');
  bytes.uploaded = data.count('UploadSize');
  bytes.downloaded = data.count('DownloadSize');
  bytes.storedBefore = data.inner('DestinationSizeStart').count('Size');
  bytes.storedAfter = data.inner('DestinationSizeEnd').count('Size');
}

function readStatus(data: Fields, result: JobResult, isKnownKind: boolean): string[] {
  const { outcome } = result;
  const native = data.peek('Status');
  const status = STATUS_OF.get(native);
  outcome.nativeCode = typeof native === 'number' || typeof native === 'string' ? String(native) : null;
  outcome.status = isKnownKind ? (status ?? 'unknown') : 'unknown';
  if (outcome.status === 'running' || outcome.status === 'queued') {
    outcome.phase = 'progress';
    readProgress(data, result);
  }
  if (outcome.status === 'missed') outcome.phase = 'observed';
  if (!data.has('Status') && !data.has('Classification')) return [];
  return [...(isKnownKind ? [] : ['unknown_kind']), ...(status === undefined ? ['unknown_status'] : [])];
}

function readProgress(data: Fields, result: JobResult): void {
  if (!isObject(data.peek('Progress'))) return;
  const progress = data.inner('Progress');
  result.progress = {
    percent: null,
    bytesDone: progress.count('BytesDone'),
    bytesTotal: null,
    itemsDone: progress.count('ItemsDone'),
    itemsTotal: progress.count('ItemsTotal'),
    phaseText: null,
  };
}
