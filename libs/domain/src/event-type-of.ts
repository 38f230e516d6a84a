import type { Agent, JobKind, JobResult, Status } from './canonical-event.js';
import type { EventType } from './event-types.js';
import { severityOf } from './severity.js';

const BACKUP: Record<Status, EventType> = {
  success: 'backup.completed',
  success_with_warnings: 'backup.completed_warnings',
  partial: 'backup.completed_warnings',
  failed: 'backup.failed',
  quota_exceeded: 'quota.exceeded',
  missed: 'backup.missed',
  cancelled: 'backup.cancelled',
  skipped: 'backup.skipped',
  timeout: 'backup.timeout',
  abandoned: 'backup.abandoned',
  running: 'backup.started',
  queued: 'backup.started',
  // Nothing says how it went, so it neither opens nor closes anything.
  unknown: 'result.unreadable',
};

type OtherKind = Exclude<JobKind, 'backup' | 'archive' | 'maintenance' | 'other'>;
const OTHER_KINDS: Record<OtherKind, { done: EventType; failed: EventType }> = {
  restore: { done: 'restore.completed', failed: 'restore.failed' },
  verify: { done: 'verify.ok', failed: 'verify.failed' },
  retention: { done: 'retention.completed', failed: 'retention.failed' },
  replication: { done: 'replication.completed', failed: 'replication.failed' },
  copy: { done: 'copy.completed', failed: 'copy.failed' },
  gc: { done: 'gc.completed', failed: 'gc.failed' },
  sync: { done: 'sync.completed', failed: 'sync.failed' },
  tape: { done: 'tape.completed', failed: 'tape.failed' },
  config_backup: { done: 'config_backup.completed', failed: 'config_backup.failed' },
};

function isOtherKind(kind: JobKind): kind is OtherKind {
  return kind in OTHER_KINDS;
}

function backupTypeOf(status: Status, agent: Agent): EventType {
  if (status === 'partial' && severityOf(status, { agent }) === 'ERROR') return 'backup.completed_errors';
  return BACKUP[status];
}

/** The type of a report: what its adapter said, else by kind and status. A run that goes on is `backup.started`. */
export function eventTypeOf(result: JobResult, agent: Agent): EventType {
  if (result.type) return result.type;
  const { phase, status } = result.outcome;
  const { kind } = result.job;
  if (phase === 'started' || phase === 'progress' || status === 'running' || status === 'queued')
    return 'backup.started';
  if (!isOtherKind(kind)) return backupTypeOf(status, agent);
  if (status === 'unknown') return 'result.unreadable';
  if (status === 'quota_exceeded') return 'quota.exceeded';
  return status === 'success' || status === 'success_with_warnings'
    ? OTHER_KINDS[kind].done
    : OTHER_KINDS[kind].failed;
}
