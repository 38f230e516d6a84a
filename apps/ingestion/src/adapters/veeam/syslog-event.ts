import {
  emptyJobResult,
  type EventType,
  type JobKind,
  type JobResult,
  type Severity,
  type Status,
} from '@backhaul/domain';
import { type AdaptedReport, type NativeReport, UnreadableReport } from '../adapter.js';
import { finish, issue, linesOf, observe } from '../reports/finish.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { sessionKey } from './session.js';
import { readSyslogLine, type SyslogLine } from './syslog-line.js';
import { idOf } from './words.js';

const START = /^\ufeff?\s*(?:<\d{1,3}>)?1 \S{1,64} \S{1,255} Veeam_MP\b/;

export function isSyslog(text: string): boolean {
  return START.test(text);
}

/** A line that does not begin like one belongs to the one before it: descriptions break. */
export function syslogLines(text: string): string[] {
  const found: string[] = [];
  for (const line of linesOf(text.replace(/^\ufeff/, ''))) {
    if (START.test(line) || found.length === 0) found.push(line);
    else found[found.length - 1] += `\n${line}`;
  }
  return found;
}

/** What begins and what ends a run (T13: these count 1 warning, 2 failed). */
const STARTS = new Set(['110', '710']);
const ENDS = new Map<string, JobKind>([
  ['190', 'backup'],
  ['490', 'copy'],
  ['790', 'backup'],
  ['390', 'verify'],
  ['41710', 'verify'],
  ['290', 'restore'],
  ['40290', 'restore'],
  ['40700', 'config_backup'],
]);
const RESULTS: Record<string, Status> = { 0: 'success', 1: 'success_with_warnings', 2: 'failed' };
/** One machine of a run; here 3 is the warning (T13). */
const TASK_ENDS = new Set(['150', '151']);
const TASK_SEVERITY: Record<string, Severity> = { 2: 'ERROR', 3: 'WARNING', 5: 'WARNING', 6: 'WARNING' };

const NOTICES = new Map<string, EventType>([
  ['24020', 'license.expiring'],
  ['24030', 'license.expired'],
  ['24050', 'support.expired'],
  ['24060', 'license.expired'],
  ['24070', 'license.exceeded'],
  ['21220', 'destination.restored'],
  ['21224', 'destination.unreachable'],
  ['41600', 'malware.suspected'],
]);

/** One event of the server's log. The line itself stays in the rest. */
export function adaptSyslog(report: NativeReport): AdaptedReport {
  // `parts` has cut longer logs, unless they are too long.
  if (syslogLines(report.text).length > 1) throw new UnreadableReport('not_a_report');
  const text = report.text.trim();
  const line = readSyslogLine(text.replace(/^\ufeff/, ''));
  if (!line) throw new UnreadableReport('not_a_report');
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  readCommon(line, result, clock);
  const event = line.values.get('instanceId') ?? '';
  const end = ENDS.get(event);
  const warnings: string[] = [];
  if (end !== undefined) readEnd(line, end, result);
  else if (STARTS.has(event)) readStart(result);
  else if (TASK_ENDS.has(event)) readTaskEnd(line, result);
  else warnings.push(...readNotice(line, NOTICES.get(event), result));
  return finish(result, {
    agent: report.agent,
    clock,
    rest: { text: report.text },
    nativeKey: keyOf(line, result),
    agentVersion: line.values.get('VbrVersion') ?? null,
    warnings,
  });
}

function readCommon({ at, host, values }: SyslogLine, result: JobResult, clock: LocalClock): void {
  const { job, outcome, identity, timing } = result;
  const value = (name: string): string | null => values.get(name) || null;
  identity.hostName = value('VbrHostName') ?? host;
  job.jobName = value('JobName');
  job.nativeJobId = idOf(value('JobID'));
  job.nativeRunId = idOf(value('JobSessionID'));
  job.willRetry = values.has('WillBeRetried') ? value('WillBeRetried') === 'True' : null;
  outcome.message = value('Description');
  outcome.nativeStatus = value('JobResult') ?? value('Result') ?? value('Status');
  outcome.nativeCode = value('instanceId');
  timing.endedAt = clock.read(at);
  const oib = value('OibID');
  if (oib !== null) result.restorePoint = { id: oib, chainId: null };
}

function readEnd({ values }: SyslogLine, kind: JobKind, { job, outcome }: JobResult): void {
  job.kind = kind;
  // A configuration backup says it in words only.
  const word = /\bResult: (\w{1,20})/.exec(outcome.message ?? '')?.[1] ?? '';
  const words: Record<string, Status> = {
    Success: 'success',
    Warning: 'success_with_warnings',
    Failed: 'failed',
  };
  const code = values.get('JobResult') ?? values.get('Result');
  outcome.status = (code === undefined ? words[word] : RESULTS[code]) ?? 'unknown';
}

function readStart({ job, outcome, timing }: JobResult): void {
  job.kind = 'backup';
  timing.startedAt = timing.endedAt;
  timing.endedAt = null;
  Object.assign(outcome, { phase: 'started', status: 'running' });
}

/** The run goes on, and its own end says how it went: a machine's failure told twice would be two problems. */
function readTaskEnd({ values }: SyslogLine, result: JobResult): void {
  const { job, outcome, bytes } = result;
  job.kind = 'backup';
  job.parentRunId = job.nativeRunId;
  job.nativeRunId = values.get('TaskSessionID') || job.nativeRunId;
  job.sourceName = values.get('VmName') || values.get('SourceName') || null;
  Object.assign(outcome, { phase: 'progress', status: 'running' });
  const gigabytes = Number(values.get('TransferredGb') || NaN);
  if (gigabytes >= 0 && gigabytes < 1e6) bytes.uploaded = Math.round(gigabytes * 1024 ** 3);
  const severity = TASK_SEVERITY[outcome.nativeStatus ?? ''];
  if (severity)
    result.issues.push(
      issue(severity, outcome.nativeStatus, outcome.message ?? 'The task failed.', job.sourceName),
    );
}

function readNotice({ values }: SyslogLine, type: EventType | undefined, result: JobResult): string[] {
  if (type === undefined) {
    observe(result, 'service.status_update', 'OK');
    return ['unknown_type'];
  }
  observe(result, type);
  const name = values.get('ObjectName') || null;
  if (type.startsWith('destination.')) {
    result.job.destinationId = values.get('ObjectID') || null;
    result.job.destinationName = name;
  } else if (type === 'malware.suspected') {
    result.job.sourceName = name;
    result.job.sourceId = values.get('OibID') || null;
  }
  return [];
}

function keyOf({ at, values }: SyslogLine, { job, outcome, type }: JobResult): string | null {
  if (type === null && outcome.phase === 'finished' && job.nativeRunId !== null)
    return sessionKey(job.nativeRunId, outcome.status);
  return runKey(values.get('instanceId') ?? null, at, job.nativeRunId ?? outcome.message ?? '');
}
