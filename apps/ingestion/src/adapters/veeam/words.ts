import type { JobKind, Status } from '@backhaul/domain';

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Ids of what is not there are zeroes. */
export function idOf(text: string | null): string | null {
  return text === NO_ID ? null : text;
}

/** In this order: a copy of a backup is a copy, its restore a restore. */
const KINDS: [RegExp, JobKind][] = [
  [/^configurationbackup/i, 'config_backup'],
  [/restore|recovery|publish|mount/i, 'restore'],
  [/surebackup|healthcheck|verif/i, 'verify'],
  [/tape/i, 'tape'],
  [/copy/i, 'copy'],
  [/replica/i, 'replication'],
  [/^job$|backup|snapshot/i, 'backup'],
  [/automation|infrastructure|repository|rescan|migration|deploy|retention|malware|security/i, 'maintenance'],
];

/** By the type of a session or job; null when nobody knows. */
export function kindOf(type: string | null): JobKind | null {
  if (type === null) return null;
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? null;
}

const RESULTS = new Map<unknown, Status>([
  ['Success', 'success'],
  ['Warning', 'success_with_warnings'],
  ['Failed', 'failed'],
]);

/** Of a run that stopped: `None` says nothing. */
export function statusOfResult(result: unknown): Status {
  return RESULTS.get(result) ?? 'unknown';
}

const STATES = new Map<unknown, Status>([
  ['Starting', 'running'],
  ['Stopping', 'running'],
  ['Working', 'running'],
  ['Pausing', 'running'],
  ['Resuming', 'running'],
  ['Idle', 'running'],
  ['Postprocessing', 'running'],
  ['WaitingTape', 'queued'],
  ['WaitingRepository', 'queued'],
  ['WaitingSlot', 'queued'],
]);

/** Of a session that goes on; undefined when it stopped, or when nobody knows its state. */
export function statusOfState(state: unknown): Status | undefined {
  return STATES.get(state);
}

export function hasStopped(state: unknown): boolean {
  return state === 'Stopped' || state === 'Completed';
}
