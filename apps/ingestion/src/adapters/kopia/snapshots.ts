import { emptyJobResult, type IsoTime, type JobResult, type Status } from '@backhaul/domain';
import type { NativeReport } from '../adapter.js';
import { issue, observe, settle } from '../reports/finish.js';
import { runKey } from '../reports/run-key.js';
import type { LocalClock } from '../reports/times.js';

/** One source's snapshot, from whichever form. */
export interface Snapshot {
  id: string | null;
  host: string | null;
  user: string | null;
  path: string | null;
  nativeStatus: string | null;
  startedAt: IsoTime | null;
  endedAt: IsoTime | null;
  durationMs: number | null;
  files: number | null;
  dirs: number | null;
  bytes: number | null;
  bytesDelta: number | null;
  filesFailed: number | null;
  error: string | null;
  failedEntries: { path: string; message: string }[];
}

export interface Found {
  kind: 'snapshots' | 'error' | 'test';
  agentVersion: string | null;
  host: string | null;
  overall: string | null;
  eventTime: IsoTime | null;
  snapshots: Snapshot[];
  /** Of `generic-error`. */
  error: {
    operation: string | null;
    startedAt: IsoTime | null;
    endedAt: IsoTime | null;
    message: string | null;
  } | null;
}

/** The native status of an error that Kopia reports beside its snapshots. */
export const KOPIA_ERROR = 'generic-error';

const STATUS_OF = new Map<string, Status>([
  ['success', 'success'],
  ['warnings', 'success_with_warnings'],
  ['incomplete', 'partial'],
  ['fatal', 'failed'],
  ['error', 'failed'],
]);

const RANK: Status[] = ['success', 'success_with_warnings', 'unknown', 'partial', 'failed'];

/** Fills the result: one snapshot is the event itself, two or more are its children (N14). @returns the run's key */
export function readSnapshots(
  result: JobResult,
  found: Found,
  report: NativeReport,
  clock: LocalClock,
): string | null {
  result.identity.hostName = found.host;
  if (found.kind === 'test') {
    observe(result, 'service.status_update');
    return null;
  }
  if (found.error !== null) return readError(result, found.error);
  const { snapshots } = found;
  const keys = snapshots.map((snapshot) => keyOf(snapshot, found));
  if (snapshots.length === 1) readSnapshot(result, snapshots[0]!, found);
  else readAll(result, found, report, clock);
  result.outcome.nativeStatus ??= found.overall;
  result.timing.endedAt ??= snapshots.length === 0 ? null : found.eventTime;
  const key =
    keys.includes(null) || keys.length === 0 ? null : keys.length === 1 ? keys[0]! : runKey(...keys);
  result.job.nativeRunId = key;
  return key;
}

/** The template leaves the snapshot's id empty (N1), and a source that is missing has no start. */
function keyOf({ host, path, startedAt }: Snapshot, found: Found): string | null {
  return runKey(host ?? found.host ?? '', path, startedAt ?? found.eventTime);
}

function readError(result: JobResult, error: NonNullable<Found['error']>): string | null {
  result.outcome.status = 'failed';
  result.outcome.nativeStatus = KOPIA_ERROR;
  result.outcome.message = error.message;
  result.job.jobName = error.operation;
  result.timing.startedAt = error.startedAt;
  result.timing.endedAt = error.endedAt;
  if (error.message !== null) result.issues.push(issue('ERROR', KOPIA_ERROR, error.message));
  return runKey(
    KOPIA_ERROR,
    result.identity.hostName ?? '',
    error.operation,
    error.startedAt ?? error.endedAt,
  );
}

function readAll(result: JobResult, found: Found, report: NativeReport, clock: LocalClock): void {
  const { snapshots } = found;
  result.children = snapshots.map((snapshot) => {
    const child = emptyJobResult();
    readSnapshot(child, snapshot, found);
    settle(child, report.agent, clock);
    return child;
  });
  const paths = [...new Set(snapshots.map(({ path }) => path ?? ''))].sort();
  const hosts = new Set(snapshots.map(({ host }) => host).filter((host) => host !== null));
  if (hosts.size === 1) result.identity.hostName = [...hosts][0]!;
  // Never closed by a run of only some of the sources.
  result.job.nativeJobId = paths.length === 0 ? null : `${result.identity.hostName ?? ''}:${paths.join('|')}`;
  result.job.sourcePaths = paths;
  result.outcome.status = worstOf(result.children, found.overall);
  result.issues = result.children.flatMap(({ issues }) => issues);
  result.outcome.message = result.issues.find(({ severity }) => severity === 'ERROR')?.message ?? null;
  result.counts.filesExamined = sum(snapshots.map(({ files }) => files));
  result.counts.dirs = sum(snapshots.map(({ dirs }) => dirs));
  result.counts.filesFailed = sum(snapshots.map(({ filesFailed }) => filesFailed));
  result.bytes.examined = sum(snapshots.map(({ bytes }) => bytes));
  result.timing.startedAt =
    snapshots
      .map(({ startedAt }) => startedAt)
      .filter((at) => at !== null)
      .sort()[0] ?? null;
  result.timing.endedAt =
    snapshots
      .map(({ endedAt }) => endedAt)
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null;
}

/** An interrupted run says `success` overall (T32): the snapshots themselves decide. */
function worstOf(children: readonly JobResult[], overall: string | null): Status {
  if (children.length === 0) return STATUS_OF.get(overall ?? '') ?? 'unknown';
  return RANK[Math.max(...children.map(({ outcome }) => RANK.indexOf(outcome.status)))] ?? 'unknown';
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  const total = known.reduce((left, right) => left + right, 0);
  return known.length === 0 || !Number.isSafeInteger(total) ? null : total;
}

function readSnapshot(result: JobResult, snapshot: Snapshot, found: Found): void {
  const { job, timing, outcome, counts, bytes, identity } = result;
  identity.hostName = snapshot.host ?? found.host;
  job.jobName = snapshot.path;
  job.nativeJobId = snapshot.path === null ? null : `${identity.hostName ?? ''}:${snapshot.path}`;
  job.sourceName = snapshot.user;
  if (snapshot.path !== null) job.sourcePaths = [snapshot.path];
  timing.startedAt = snapshot.startedAt;
  timing.endedAt = snapshot.endedAt;
  timing.durationMs = snapshot.durationMs;
  outcome.nativeStatus = snapshot.nativeStatus;
  outcome.status = STATUS_OF.get(snapshot.nativeStatus ?? '') ?? 'unknown';
  outcome.message = snapshot.error;
  counts.filesExamined = snapshot.files;
  counts.dirs = snapshot.dirs;
  counts.filesFailed = snapshot.filesFailed;
  bytes.examined = snapshot.bytes;
  if (snapshot.bytesDelta !== null && snapshot.bytesDelta > 0) bytes.new = snapshot.bytesDelta;
  if (snapshot.id !== null) result.restorePoint = { id: snapshot.id, chainId: null };
  if (snapshot.error !== null) result.issues.push(issue('ERROR', null, snapshot.error, snapshot.path));
  for (const { path, message } of snapshot.failedEntries)
    result.issues.push(issue('WARNING', null, message, path));
}
