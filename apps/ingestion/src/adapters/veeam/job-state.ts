import { emptyJobResult } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import type { Fields } from '../reports/fields.js';
import { finish, observe } from '../reports/finish.js';
import type { JsonObject } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { readServer } from './session.js';
import { idOf, kindOf, statusOfResult } from './words.js';

export function isJobState(item: Fields): boolean {
  return item.has('lastResult') && item.has('status');
}

/** A `JobStateModel`: how the last run of a job went. It knows when that began, not when it ended. */
export function adaptJobState(
  item: Fields,
  beside: Fields,
  rest: () => JsonObject | unknown[] | null,
  report: NativeReport,
): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const { job, timing, outcome, counts } = result;
  readServer(beside, result);
  const kind = kindOf(item.peekText('type'));
  job.kind = kind ?? 'backup';
  job.nativeJobId = item.text('id');
  job.jobName = item.text('name');
  job.nativeRunId = idOf(item.peekText('sessionId'));
  if (job.nativeRunId !== null) item.take('sessionId');
  job.destinationId = item.text('repositoryId');
  job.destinationName = item.text('repositoryName');
  counts.objects = item.count('objectsCount');
  timing.startedAt = item.time('lastRun', clock);
  outcome.nativeStatus = item.text('lastResult');
  if (item.peek('status') === 'running') Object.assign(outcome, { phase: 'progress', status: 'running' });
  else if (timing.startedAt === null) observe(result, 'service.status_update', 'OK');
  else outcome.status = statusOfResult(outcome.nativeStatus);
  return finish(result, {
    agent: report.agent,
    clock,
    rest: rest(),
    // The session itself says more: its report must not be taken for a repeat of this.
    nativeKey: runKey('job-state', job.nativeJobId, timing.startedAt, outcome.status),
    agentVersion: beside.peekText('vbrVersion'),
    warnings: kind === null ? ['unknown_kind'] : [],
  });
}
