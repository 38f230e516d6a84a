import type { JobKind, JobResult, Status } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import type { LocalClock } from '../reports/times.js';

/** Letters of the catalogue, and the words that `%e` of a RunScript puts in their place. */
const STATUS_OF = new Map<string, Status>([
  ['T', 'success'],
  ['OK', 'success'],
  ['W', 'success_with_warnings'],
  ['OK -- with warnings', 'success_with_warnings'],
  ['I', 'partial'],
  ['D', 'partial'],
  ['Differences', 'partial'],
  ['E', 'failed'],
  ['e', 'failed'],
  ['f', 'failed'],
  ['Error', 'failed'],
  ['Fatal Error', 'failed'],
  ['A', 'cancelled'],
  ['Canceled', 'cancelled'],
  ...[...'RiaLlB'].map((letter) => [letter, 'running'] as const),
  ...[...'CFSMmsjcdtpq'].map((letter) => [letter, 'queued'] as const),
]);

const KIND_OF = new Map<string, JobKind>([
  ['B', 'backup'],
  ['Backup', 'backup'],
  ['V', 'verify'],
  ['Verify', 'verify'],
  ['R', 'restore'],
  ['Restore', 'restore'],
  ['C', 'copy'],
  ['c', 'copy'],
  ['g', 'copy'],
  ['M', 'copy'],
  ['Copy', 'copy'],
  ['Migrate', 'copy'],
  ['A', 'archive'],
  ['Archive', 'archive'],
  ['D', 'maintenance'],
  ['Admin', 'maintenance'],
  ['O', 'maintenance'],
  ['Consolidate', 'maintenance'],
  ['I', 'maintenance'],
]);

const LEVEL_OF = new Map<string, JobResult['job']['level']>([
  ['F', 'full'],
  ['Full', 'full'],
  ['I', 'incremental'],
  ['Incremental', 'incremental'],
  ['D', 'differential'],
  ['Differential', 'differential'],
  ['f', 'synthetic'],
  ['VirtualFull', 'synthetic'],
]);

/** Reads a row of the job table; returns what was not understood. Numbers are text and stay in the rest (T17). */
export function readJob(from: Fields, result: JobResult, clock: LocalClock): string[] {
  const { job, identity, timing, counts, bytes } = result;
  const name = namesOf(from);
  const client = from.text(name('clientname'));
  identity.nativeAccount = client;
  // A file daemon is called after its machine.
  identity.hostName = client?.replace(/-fd$/, '') ?? null;
  job.nativeJobId = from.text(name('name'));
  job.jobName = job.nativeJobId;
  job.nativeRunId = idOf(from, name('jobid'));
  job.sourceName = from.text(name('fileset'));
  job.destinationId = from.text(name('poolname'));
  job.level = LEVEL_OF.get(from.peekText(name('level')) ?? '') ?? 'unknown';
  const kind = KIND_OF.get(from.peekText(name('type')) ?? '');
  job.kind = kind ?? (from.has(name('type')) ? 'maintenance' : 'backup');
  const unknown = readStatus(from.text(name('jobstatus')), result);
  timing.scheduledAt = from.time(name('schedtime'), clock);
  timing.startedAt = from.time(name('starttime'), clock);
  if (result.outcome.phase === 'finished') timing.endedAt = from.time(name('endtime'), clock);
  counts.filesExamined = from.countText(name('jobfiles'));
  counts.errors = from.countText(name('joberrors'));
  counts.filesFailed = from.countText(name('jobmissingfiles'));
  bytes.processed = from.countText(name('jobbytes'));
  if (job.kind === 'backup' && job.nativeRunId !== null)
    result.restorePoint = { id: job.nativeRunId, chainId: null };
  const isKindKnown = kind !== undefined || !from.has(name('type'));
  return [...unknown, ...(isKindKnown ? [] : ['unknown_kind'])];
}

/** Some keys of an answer are capitalised, and not the same in all versions. */
function namesOf({ source }: Fields): (name: string) => string {
  const written = new Map(Object.keys(source).map((key) => [key.toLowerCase(), key]));
  return (name) => written.get(name) ?? name;
}

function idOf(from: Fields, name: string): string | null {
  const value = from.peek(name);
  return typeof value === 'number' ? String(value) : from.text(name);
}

function readStatus(native: string | null, { outcome }: JobResult): string[] {
  const status = native === null ? undefined : STATUS_OF.get(native);
  outcome.nativeStatus = native;
  outcome.status = status ?? 'unknown';
  if (status === 'running' || status === 'queued') outcome.phase = 'progress';
  return status === undefined ? ['unknown_status'] : [];
}
