import type { Agent, Severity, Status } from './canonical-event.js';

const SEVERITY_OF: Record<Status, Severity> = {
  success: 'OK',
  success_with_warnings: 'WARNING',
  partial: 'WARNING',
  failed: 'ERROR',
  quota_exceeded: 'ERROR',
  missed: 'ERROR',
  cancelled: 'WARNING',
  skipped: 'WARNING',
  timeout: 'ERROR',
  abandoned: 'ERROR',
  running: 'OK',
  queued: 'OK',
  unknown: 'WARNING',
};

/** These agents say partial when part of the data is not safe; the others when a few files could not be read. */
const PARTIAL_IS_ERROR: ReadonlySet<Agent> = new Set(['ahsay', 'duplicati', 'proxmox-ve', 'proxmox-bs']);

/** The severity of a job's status. What an agent means by `partial` differs, hence the context. */
export function severityOf(status: Status, context: { agent?: Agent | null } = {}): Severity {
  if (status === 'partial' && context.agent && PARTIAL_IS_ERROR.has(context.agent)) return 'ERROR';
  return SEVERITY_OF[status];
}

const RANK: Record<Severity, number> = { OK: 0, WARNING: 1, ERROR: 2 };

export function isWorse(severity: Severity, than: Severity): boolean {
  return RANK[severity] > RANK[than];
}
