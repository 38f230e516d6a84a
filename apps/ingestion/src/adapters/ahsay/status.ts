import type { JobResult, Status } from '@backhaul/domain';

const STATUS_OF = new Map<string, Status>([
  ['', 'running'],
  ['BS_STILL_RUNNING', 'running'],
  ['BS_STOP_SUCCESS', 'success'],
  ['BS_STOP_SUCCESS_WITH_WARNING', 'success_with_warnings'],
  ['BS_MISSED_DATABASE', 'success_with_warnings'],
  ['BS_MISSED_PUBLIC_FOLDER', 'success_with_warnings'],
  ['BS_MISSED_VIRTUAL_MACHINE', 'success_with_warnings'],
  ['BS_STOP_SUCCESS_WITH_ERROR', 'partial'],
  ['BS_STOP_BY_SYSTEM_ERROR', 'failed'],
  ['BS_BACKUP_NOT_FINISHED', 'failed'],
  ['BS_STOP_BY_QUOTA_EXCEEDED', 'quota_exceeded'],
  ['BS_STOP_QUOTA_EXCEEDED', 'quota_exceeded'],
  ['BS_STOP_MISSED_BACKUP', 'missed'],
  ['BS_STOP_BY_USER', 'cancelled'],
  ['BS_STOP_BY_SCHEDULER', 'cancelled'],
]);

/**
 * An empty status is a run that goes on (T16); null, no status at all, is unknown.
 * @returns what was not understood
 */
export function readStatus(native: string | null, { outcome }: JobResult): string[] {
  const status = native === null ? undefined : STATUS_OF.get(native);
  outcome.nativeStatus = native || null;
  outcome.status = status ?? 'unknown';
  if (status === 'running') outcome.phase = 'progress';
  if (status === 'missed') outcome.phase = 'observed';
  return status === undefined ? ['unknown_status'] : [];
}
