import type { Severity } from './canonical-event.js';
import { EVENT_TYPES, type EventType } from './event-types.js';

/** The groups of the notification form, in its order. */
export const EVENT_TYPE_GROUPS = [
  'Backup completed', 'Backup failed', 'Backup missed / No backups', 'Disk usage', 'Quota', 'Archiving failure',
  'Email Security', 'BDR hardware failure', 'BDR connectivity', 'Verification', 'Replication/copy', 'Maintenance',
  'Restore', 'License', 'Service status update', 'Account changes', 'Malware', 'Security',
] as const; // prettier-ignore
export type EventTypeGroup = (typeof EVENT_TYPE_GROUPS)[number];

/** Types of one family are one problem of the same subject (F33). */
export const FAMILIES = [
  'backup', 'quota', 'disk', 'destination', 'verify', 'retention', 'gc', 'sync', 'copy', 'replication', 'tape',
  'restore', 'config_backup', 'archiving', 'email_security', 'bdr.hardware', 'bdr.fencing', 'bdr.connectivity',
  'license', 'support', 'cert', 'agent', 'agent_update', 'malware', 'account', 'service', 'security', 'backhaul',
] as const; // prettier-ignore
export type Family = (typeof FAMILIES)[number];

/** What a problem belongs to: a job, a machine, a thing such as a destination, or the account as a whole. */
export type Subject = 'job' | 'machine' | 'object' | 'account';

export interface EventTypeInfo {
  /** The default; an event of a type whose severity varies says its own. */
  severity: Severity;
  /** `null` for what the product tells about itself: no rule may match it, or a failed sync would ask for a sync. */
  group: EventTypeGroup | null;
  family: Family;
  subject: Subject;
  /** The types that end this problem. Its own type at severity OK always does, and is not listed. Empty: by hand. */
  resolvedBy: readonly EventType[];
}

function row(
  severity: Severity,
  group: EventTypeGroup | null,
  family: Family,
  subject: Subject,
  resolvedBy: readonly EventType[] = [],
): EventTypeInfo {
  return { severity, group, family, subject, resolvedBy };
}

const GOOD: EventType[] = ['backup.completed', 'backup.completed_warnings'];
/** A run that ended with errors was no missed run; its own problem stands beside it. */
const RAN: EventType[] = [...GOOD, 'backup.completed_errors'];
const ENDED: EventType[] = [
  ...RAN, 'backup.failed', 'backup.timeout', 'backup.abandoned', 'backup.cancelled', 'quota.exceeded',
]; // prettier-ignore

// prettier-ignore
export const EVENT_TYPE_INFO: Readonly<Record<EventType, EventTypeInfo>> = {
  'backup.completed': row('OK', 'Backup completed', 'backup', 'job'),
  'backup.completed_warnings': row('WARNING', 'Backup completed', 'backup', 'job', ['backup.completed']),
  'backup.completed_errors': row('ERROR', 'Backup failed', 'backup', 'job', GOOD),
  'backup.failed': row('ERROR', 'Backup failed', 'backup', 'job', GOOD),
  'backup.timeout': row('ERROR', 'Backup failed', 'backup', 'job', GOOD),
  'backup.abandoned': row('ERROR', 'Backup failed', 'backup', 'job', GOOD),
  'backup.cancelled': row('WARNING', 'Backup failed', 'backup', 'job', GOOD),
  'backup.skipped': row('WARNING', 'Backup failed', 'backup', 'job', GOOD),
  'backup.missed': row('ERROR', 'Backup missed / No backups', 'backup', 'job', RAN),
  'backup.none_recent': row('WARNING', 'Backup missed / No backups', 'backup', 'account', RAN),
  'backup.never_run': row('WARNING', 'Backup missed / No backups', 'backup', 'account', RAN),
  'backup.started': row('OK', 'Backup completed', 'backup', 'job'),
  'backup.stalled': row('WARNING', 'Backup failed', 'backup', 'job', ENDED),

  'quota.warning': row('WARNING', 'Quota', 'quota', 'account', ['quota.changed']),
  'quota.exceeded': row('ERROR', 'Quota', 'quota', 'account', ['quota.changed', 'backup.completed']),
  'quota.changed': row('OK', 'Quota', 'quota', 'account'),
  'disk_usage': row('OK', 'Disk usage', 'disk', 'object'),
  'destination.unreachable': row('ERROR', 'BDR connectivity', 'destination', 'object', ['destination.restored']),
  'destination.restored': row('OK', 'BDR connectivity', 'destination', 'object'),
  'destination.low_space': row('WARNING', 'Disk usage', 'disk', 'object'),

  'verify.failed': row('ERROR', 'Verification', 'verify', 'job', ['verify.ok']),
  'verify.ok': row('OK', 'Verification', 'verify', 'job'),
  'retention.completed': row('OK', 'Maintenance', 'retention', 'job'),
  'gc.completed': row('OK', 'Maintenance', 'gc', 'job'),
  'sync.completed': row('OK', 'Replication/copy', 'sync', 'job'),
  'copy.completed': row('OK', 'Replication/copy', 'copy', 'job'),
  'replication.completed': row('OK', 'Replication/copy', 'replication', 'job'),
  'tape.completed': row('OK', 'Replication/copy', 'tape', 'job'),
  'retention.failed': row('ERROR', 'Maintenance', 'retention', 'job', ['retention.completed']),
  'gc.failed': row('ERROR', 'Maintenance', 'gc', 'job', ['gc.completed']),
  'sync.failed': row('ERROR', 'Replication/copy', 'sync', 'job', ['sync.completed']),
  'copy.failed': row('ERROR', 'Replication/copy', 'copy', 'job', ['copy.completed']),
  'replication.failed': row('ERROR', 'Replication/copy', 'replication', 'job', ['replication.completed']),
  'tape.failed': row('ERROR', 'Replication/copy', 'tape', 'job', ['tape.completed']),
  'restore.completed': row('OK', 'Restore', 'restore', 'job'),
  'restore.failed': row('ERROR', 'Restore', 'restore', 'job', ['restore.completed']),
  'config_backup.completed': row('OK', 'Maintenance', 'config_backup', 'job'),
  'config_backup.failed': row('ERROR', 'Maintenance', 'config_backup', 'job', ['config_backup.completed']),

  'archiving.failed': row('ERROR', 'Archiving failure', 'archiving', 'job', ['archiving.ok']),
  'archiving.ok': row('OK', 'Archiving failure', 'archiving', 'job'),
  'email_security.failed': row('ERROR', 'Email Security', 'email_security', 'job', ['email_security.ok']),
  'email_security.ok': row('OK', 'Email Security', 'email_security', 'job'),

  'bdr.hardware_failure': row('ERROR', 'BDR hardware failure', 'bdr.hardware', 'machine', ['bdr.hardware_ok']),
  'bdr.hardware_ok': row('OK', 'BDR hardware failure', 'bdr.hardware', 'machine'),
  'bdr.disk_smart': row('WARNING', 'BDR hardware failure', 'bdr.hardware', 'machine', ['bdr.hardware_ok']),
  'bdr.node_fenced': row('ERROR', 'BDR hardware failure', 'bdr.fencing', 'machine'),
  'bdr.offline': row('ERROR', 'BDR connectivity', 'bdr.connectivity', 'machine', ['bdr.online']),
  'bdr.online': row('OK', 'BDR connectivity', 'bdr.connectivity', 'machine'),
  'bdr.tape_needed': row('WARNING', 'BDR hardware failure', 'tape', 'machine', ['tape.completed']),

  'license.expiring': row('WARNING', 'License', 'license', 'account', ['license.renewed']),
  'license.renewed': row('OK', 'License', 'license', 'account'),
  'license.expired': row('ERROR', 'License', 'license', 'account', ['license.renewed']),
  'license.exceeded': row('WARNING', 'License', 'license', 'account', ['license.renewed']),
  'support.expired': row('WARNING', 'License', 'support', 'account', ['license.renewed']),
  'cert.renewal_failed': row('ERROR', 'Maintenance', 'cert', 'machine', ['cert.renewal_ok']),
  'cert.renewal_ok': row('OK', 'Maintenance', 'cert', 'machine'),
  'agent.online': row('OK', 'BDR connectivity', 'agent', 'machine'),
  'agent.offline': row('WARNING', 'BDR connectivity', 'agent', 'machine', ['agent.online']),
  'agent.update_available': row('OK', 'Maintenance', 'agent_update', 'machine'),
  'malware.suspected': row('ERROR', 'Malware', 'malware', 'machine'),

  'account.created': row('OK', 'Account changes', 'account', 'account'),
  'account.suspended': row('WARNING', 'Account changes', 'account', 'account', ['account.unsuspended']),
  'account.unsuspended': row('OK', 'Account changes', 'account', 'account'),
  'account.erased': row('WARNING', 'Account changes', 'account', 'account'),
  'account.role_changed': row('OK', 'Account changes', 'account', 'account'),
  'service.status_update': row('OK', 'Service status update', 'service', 'object'),

  'psa.sync.succeeded': row('OK', null, 'backhaul', 'account'),
  'psa.sync.failed': row('ERROR', null, 'backhaul', 'account', ['psa.sync.succeeded']),
  'psa.sync.skipped': row('OK', null, 'backhaul', 'account'),
  'psa.ticket.opened': row('OK', null, 'backhaul', 'account'),
  'psa.ticket.updated': row('OK', null, 'backhaul', 'account'),
  'psa.ticket.resolved': row('OK', null, 'backhaul', 'account'),
  'psa.ticket.failed': row('ERROR', null, 'backhaul', 'account'),
  'result.unmatched': row('WARNING', null, 'backhaul', 'account'),
  'result.unreadable': row('WARNING', null, 'backhaul', 'account'),
  'security.login_failed': row('WARNING', 'Security', 'security', 'account'),
  'impersonation.started': row('OK', 'Security', 'security', 'account'),
  'impersonation.stopped': row('OK', 'Security', 'security', 'account'),
};

/** Whether rules may match the type at all (T24). */
export function isRuleable(type: EventType): boolean {
  return EVENT_TYPE_INFO[type].group !== null;
}

/** Whether an event of that type and severity ends a problem that `problem` last raised. */
export function resolves(type: EventType, severity: Severity, problem: EventType): boolean {
  return type === problem ? severity === 'OK' : EVENT_TYPE_INFO[problem].resolvedBy.includes(type);
}

const RESOLVERS: ReadonlySet<EventType> = new Set(
  EVENT_TYPES.flatMap((type) => EVENT_TYPE_INFO[type].resolvedBy),
);

/** Whether some problem ends with an event of that type, whatever its severity. */
export function resolvesProblem(type: EventType): boolean {
  return RESOLVERS.has(type);
}

/** Whether an event of that type and severity is a problem: every WARNING and ERROR that rules may match (D41). */
export function raisesProblem(type: EventType, severity: Severity = EVENT_TYPE_INFO[type].severity): boolean {
  return isRuleable(type) && severity !== 'OK';
}
