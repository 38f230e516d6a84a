import {
  BYTE_FIELDS, COUNT_FIELDS, emptyJobResult, EVENT_TYPE_INFO, EVENT_TYPES, type Issue, isRuleable, JOB_KINDS, JOB_LEVELS, JOB_SCOPES, JOB_TRIGGERS,
  type JobResult, MACHINE_CLASSES, PHASES, SEVERITIES, STATUSES,
} from '@backhaul/domain'; // prettier-ignore
import { Fields } from '../reports/fields.js';
import { setLog } from '../reports/finish.js';
import { isObject } from '../reports/json.js';
import type { LocalClock } from '../reports/times.js';

export function isCanonical(fields: Fields): boolean {
  return isObject(fields.peek('outcome')) || typeof fields.peek('type') === 'string';
}

/** Reads JSON that has the shape of a canonical result. What does not fit its field stays in the rest. */
export function readCanonical(fields: Fields, clock: LocalClock): { result: JobResult; warnings: string[] } {
  const warnings: string[] = [];
  const result = emptyJobResult();
  const type = oneOf(fields, 'type', EVENT_TYPES);
  // What the product says about itself no agent may say.
  if (type !== null && isRuleable(type)) result.type = type;
  else if (fields.has('type')) warnings.push('unknown_type');
  readIdentity(fields.inner('identity'), result);
  readJob(fields.inner('job'), result);
  readTiming(fields.inner('timing'), result, clock);
  readOutcome(fields.inner('outcome'), result);
  readSeverity(fields.inner('outcome'), result);
  readNumbers(fields, result);
  readIssues(fields, result, clock);
  readLog(fields, result);
  readMeasures(fields, result);
  return { result, warnings };
}

function oneOf<T extends string>(fields: Fields, name: string, known: readonly T[]): T | null {
  const value = fields.peek(name);
  const found = known.find((one) => one === value) ?? null;
  if (found !== null) fields.take(name);
  return found;
}

function readIdentity(from: Fields, { identity }: JobResult): void {
  identity.nativeAccount = from.text('nativeAccount');
  identity.nativeDeviceId = from.text('nativeDeviceId');
  identity.hostName = from.text('hostName');
  identity.osName = from.text('osName');
  identity.osVersion = from.text('osVersion');
  identity.clientIp = from.text('clientIp');
  identity.machineClass = oneOf(from, 'machineClass', MACHINE_CLASSES) ?? 'unknown';
}

function readJob(from: Fields, { job }: JobResult): void {
  job.nativeJobId = from.text('nativeJobId');
  job.jobName = from.text('jobName');
  job.nativeRunId = from.text('nativeRunId');
  job.parentRunId = from.text('parentRunId');
  job.kind = oneOf(from, 'kind', JOB_KINDS) ?? (from.has('kind') ? 'other' : 'backup');
  job.level = oneOf(from, 'level', JOB_LEVELS) ?? 'unknown';
  job.trigger = oneOf(from, 'trigger', JOB_TRIGGERS) ?? 'unknown';
  job.scope = oneOf(from, 'scope', JOB_SCOPES) ?? 'unknown';
  job.sourceId = from.text('sourceId');
  job.sourceName = from.text('sourceName');
  job.destinationId = from.text('destinationId');
  job.destinationName = from.text('destinationName');
  job.destinationType = from.text('destinationType');
  job.retryCount = from.count('retryCount');
  job.willRetry = from.flag('willRetry');
  const paths = from.peek('sourcePaths');
  if (!Array.isArray(paths)) return;
  job.sourcePaths = paths.filter((path) => typeof path === 'string');
  if (paths.length > 0 && job.sourcePaths.length === paths.length) from.take('sourcePaths');
}

function readTiming(from: Fields, { timing }: JobResult, clock: LocalClock): void {
  timing.scheduledAt = from.time('scheduledAt', clock);
  timing.startedAt = from.time('startedAt', clock);
  timing.endedAt = from.time('endedAt', clock);
  timing.durationMs = from.count('durationMs');
  // Dropped when the run ends before it starts.
  if (timing.startedAt !== null && timing.endedAt !== null && timing.endedAt < timing.startedAt)
    from.keep('durationMs');
}

function readOutcome(from: Fields, { outcome }: JobResult): void {
  outcome.phase = oneOf(from, 'phase', PHASES) ?? 'finished';
  outcome.status = oneOf(from, 'status', STATUSES) ?? 'unknown';
  outcome.nativeStatus = from.text('nativeStatus');
  outcome.nativeCode = from.text('nativeCode');
  outcome.exitCode = from.integer('exitCode');
  outcome.message = from.text('message');
  outcome.dryRun = from.flag('dryRun') ?? false;
  if (outcome.phase === 'finished' && (outcome.status === 'running' || outcome.status === 'queued')) {
    outcome.phase = from.has('phase') ? 'progress' : 'started';
    from.keep('phase');
  }
}

/** A job's severity follows from its status; of anything else the sender may say it. */
function readSeverity(from: Fields, { type, outcome }: JobResult): void {
  if (type === null) return;
  outcome.severity = oneOf(from, 'severity', SEVERITIES) ?? EVENT_TYPE_INFO[type].severity;
  if (!from.has('phase')) outcome.phase = 'observed';
}

function readNumbers(fields: Fields, result: JobResult): void {
  const counts = fields.inner('counts');
  for (const name of COUNT_FIELDS) {
    const value = counts.count(name);
    if (value !== null) result.counts[name] = value;
  }
  const bytes = fields.inner('bytes');
  for (const name of BYTE_FIELDS) {
    const value = bytes.count(name);
    if (value !== null) result.bytes[name] = value;
  }
  const restorePoint = fields.inner('restorePoint');
  const [id, chainId] = [restorePoint.text('id'), restorePoint.text('chainId')];
  if (id !== null || chainId !== null) result.restorePoint = { id, chainId };
}

/** Issues are copied and stay in the rest, which shows what was cut or not understood. */
function readIssues(fields: Fields, result: JobResult, clock: LocalClock): void {
  const issues = fields.peek('issues');
  if (!Array.isArray(issues)) return;
  for (const value of issues.slice(0, 101)) {
    if (!isObject(value)) continue;
    const from = new Fields(value);
    const message = from.text('message');
    if (message === null) continue;
    const severity: Issue['severity'] = oneOf(from, 'severity', SEVERITIES) ?? 'WARNING';
    result.issues.push({
      severity,
      code: from.text('code'),
      path: from.text('path'),
      message,
      at: from.time('at', clock),
    });
  }
}

function readLog(fields: Fields, result: JobResult): void {
  const lines = fields.inner('log').peek('lines');
  if (!Array.isArray(lines)) return;
  const texts = lines.filter((line) => typeof line === 'string');
  if (setLog(result, texts) && texts.length === lines.length) fields.inner('log').take('lines');
}

function readMeasures(fields: Fields, result: JobResult): void {
  if (result.type !== 'service.status_update' || !isObject(fields.peek('measures'))) return;
  const measures = fields.inner('measures');
  const read: [string, number][] = [];
  for (const name of Object.keys(measures.source)) {
    const value = measures.count(name);
    if (value !== null) read.push([name, value]);
  }
  result.measures = Object.fromEntries(read);
}
