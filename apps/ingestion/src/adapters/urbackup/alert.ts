import { emptyJobResult } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import type { Fields } from '../reports/fields.js';
import { finish, issue, observe } from '../reports/finish.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { type BackupKind, clientIdOf, readClient } from './client.js';

export const ALERT_KINDS = ['file', 'image'] as const;
/** Says of which of its backups a part of an alert tells. */
export const ALERT_MARK = 'alert_kind';

/** Whether the alert says that this backup is overdue. What the client does not back up is never late. */
export function isLate(fields: Fields, kind: BackupKind): boolean {
  if (fields.peek(`${kind}_ok`) !== false) return false;
  return kind === 'file'
    ? fields.peek('no_file_backups') !== true
    : fields.peek('no_images') !== true && fields.peek('image_support') !== false;
}

/** What the alert script is asked every half hour: are this client's backups recent enough? */
export function adaptAlert(fields: Fields, report: NativeReport): AdaptedReport {
  const kind = kindOf(fields);
  return kind === null ? adaptCalm(fields, report) : adaptMissed(fields, kind, report);
}

function kindOf(fields: Fields): BackupKind | null {
  const marked = ALERT_KINDS.find((kind) => kind === fields.peek(ALERT_MARK));
  return marked ?? ALERT_KINDS.find((kind) => isLate(fields, kind)) ?? null;
}

/** The same alert is raised again and again: it is one event until a newer backup is overdue in turn. */
function adaptMissed(fields: Fields, kind: BackupKind, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  readClient(fields, result, kind);
  result.identity.osName = fields.text('os_simple');
  const last = fields.peek(`lastbackup_${kind}`);
  const lastAt = typeof last === 'number' ? clock.readUnix(last) : null;
  const message =
    lastAt === null
      ? `The client has no ${kind} backup yet.`
      : `The last ${kind} backup is of ${lastAt.slice(0, 16).replace('T', ' ')} UTC.`;
  Object.assign(result.outcome, { phase: 'observed', status: 'missed', message });
  result.issues.push(issue('ERROR', 'backup_overdue', message));
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: runKey(clientIdOf(fields) ?? result.identity.hostName, kind, 'missed', lastAt ?? 'never'),
    agentVersion: null,
  });
}

function adaptCalm(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  readClient(fields, result, 'file');
  result.identity.osName = fields.text('os_simple');
  observe(result, 'service.status_update', 'OK');
  const rest = fields.rest();
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null });
}
