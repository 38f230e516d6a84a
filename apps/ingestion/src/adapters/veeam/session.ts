import { emptyJobResult, type JobResult } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import type { Fields } from '../reports/fields.js';
import { finish, observe } from '../reports/finish.js';
import { isObject, type JsonObject } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { readRecords, readTasks } from './details.js';
import { hasStopped, idOf, kindOf, statusOfResult, statusOfState } from './words.js';

export function isSession(item: Fields): boolean {
  return item.has('state') && (item.has('sessionType') || item.has('creationTime'));
}

/** A `SessionModel`, to which the script may have added `log` and `taskSessions` as the REST API gives them. */
export function adaptSession(
  item: Fields,
  beside: Fields,
  rest: () => JsonObject | unknown[] | null,
  report: NativeReport,
): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const { job, timing, outcome } = result;
  readServer(beside, result);
  const type = item.peekText('sessionType');
  const kind = kindOf(type);
  job.kind = kind ?? (type === null ? 'backup' : 'maintenance');
  job.jobName = item.text('name');
  job.nativeRunId = item.text('id');
  job.nativeJobId = takeId(item, 'resourceId');
  job.parentRunId = takeId(item, 'parentSessionId');
  const warnings = readOutcome(item, result);
  timing.startedAt = item.time('creationTime', clock);
  if (outcome.phase === 'finished') timing.endedAt = item.time('endTime', clock);
  readRecords(item.peek('log'), result, clock);
  readTasks(item.peek('taskSessions'), result, report.agent, clock);
  if (kind === null && type !== null) warnings.push('unknown_kind');
  return finish(result, {
    agent: report.agent,
    clock,
    rest: rest(),
    nativeKey: sessionKey(job.nativeRunId, outcome.status),
    agentVersion: beside.peekText('vbrVersion'),
    warnings,
  });
}

/** One end of a session is one event, whether the REST API or syslog tells of it. */
export function sessionKey(sessionId: string | null, status: string): string | null {
  return runKey(sessionId, status);
}

export function readServer(beside: Fields, { identity }: JobResult): void {
  identity.hostName = beside.text('vbrHostName');
}

function takeId(item: Fields, name: string): string | null {
  const id = idOf(item.peekText(name));
  if (id !== null) item.take(name);
  return id;
}

function readOutcome(item: Fields, result: JobResult): string[] {
  const { outcome } = result;
  const state = item.peek('state');
  const native = item.inner('result');
  const verdict = isObject(item.peek('result')) ? native.peek('result') : item.peek('result');
  outcome.message = native.text('message');
  const going = statusOfState(state);
  if (going !== undefined) {
    outcome.status = going;
    outcome.phase = state === 'Starting' ? 'started' : 'progress';
    outcome.nativeStatus = item.text('state');
    readProgress(item, result);
    return [];
  }
  outcome.nativeStatus = typeof verdict === 'string' ? verdict : null;
  if (hasStopped(state))
    outcome.status = native.peek('isCanceled') === true ? 'cancelled' : statusOfResult(verdict);
  return outcome.status === 'unknown' ? ['unknown_status'] : [];
}

function readProgress(item: Fields, result: JobResult): void {
  const percent = item.peek('progressPercent');
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) return;
  const unknown = { bytesDone: null, bytesTotal: null, itemsDone: null, itemsTotal: null, phaseText: null };
  result.progress = { percent: item.count('progressPercent'), ...unknown };
}

/** A list without sessions: nothing ran. */
export function adaptEmpty(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  readServer(fields, result);
  observe(result, 'service.status_update', 'OK');
  const clock = new LocalClock(report.zone);
  const rest = fields.rest();
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null });
}
