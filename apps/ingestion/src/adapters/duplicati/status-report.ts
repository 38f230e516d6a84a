import { emptyJobResult, type JobResult, type Phase, type Status } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import type { Fields } from '../reports/fields.js';
import { finish, issue } from '../reports/finish.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { machineClassOf, readDestination } from './extra.js';
import { readLogLines } from './log-lines.js';
import { kindOf } from './operation.js';

const OUTCOME_OF = new Map<string, { phase: Phase; status: Status }>([
  ['Started', { phase: 'started', status: 'running' }],
  ['Progress', { phase: 'progress', status: 'running' }],
  ['Completed', { phase: 'finished', status: 'success' }],
  ['Failed', { phase: 'finished', status: 'failed' }],
]);

/**
 * What the module `http-report-status` posts while a run goes on and when it ends. `Completed` does not know of
 * warnings, so no end is read from it: dated by its start, it can never close what the run's full report raises.
 */
export function adaptStatusReport(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const metadata = fields.inner('metadata');
  readMetadata(metadata, result);
  result.job.kind = kindOf(fields.peekText('operation'));
  const started = fields.peekText('startedUtc');
  result.timing.startedAt = fields.time('startedUtc', clock);
  readProgress(fields.inner('progress'), result);
  if (readLogLines(fields.peek('recentLogLines'), result, clock)) fields.take('recentLogLines');
  const isKnown = readOutcome(fields, result);
  const { job, identity, timing } = result;
  const machine = identity.nativeDeviceId ?? identity.hostName ?? '';
  job.nativeRunId = timing.startedAt === null ? null : runKey(machine, job.nativeJobId, started);
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: keyOf(fields, job.nativeRunId),
    agentVersion: metadata.peekText('duplicatiVersion'),
    warnings: isKnown ? [] : ['unknown_status'],
  });
}

/** Each of a run's reports is one of its own, and apart from the full report of the same run. */
function keyOf(fields: Fields, runId: string | null): string | null {
  const status = fields.peekText('status');
  return status === 'Progress' ? null : runKey('status', runId, status);
}

function readMetadata(metadata: Fields, { identity, job }: JobResult): void {
  identity.nativeDeviceId = metadata.text('machineId');
  identity.hostName = metadata.text('machineName');
  identity.osName = metadata.text('operatingSystem');
  identity.osVersion = metadata.text('operatingSystemDetailed');
  identity.machineClass = machineClassOf(`${identity.osName ?? ''} ${identity.osVersion ?? ''}`);
  job.nativeJobId = metadata.text('backupId');
  job.jobName = metadata.text('backupName');
  job.nativeJobId ??= job.jobName;
  readDestination(metadata.text('destinationType'), metadata.text('destinationHostSuffix'), job);
}

function readProgress(progress: Fields, result: JobResult): void {
  if (Object.keys(progress.source).length === 0) return;
  const share = progress.peek('progress');
  const isShare = typeof share === 'number' && share >= 0 && share <= 1;
  result.progress = {
    percent: isShare ? Math.round(share * 10_000) / 100 : null,
    bytesDone: progress.count('fileSizeProcessed'),
    bytesTotal: progress.count('fileSize'),
    itemsDone: progress.count('filesProcessed'),
    itemsTotal: progress.count('fileCount'),
    phaseText: progress.text('phase'),
  };
}

function readOutcome(fields: Fields, result: JobResult): boolean {
  const native = fields.text('status');
  const known = native === null ? undefined : OUTCOME_OF.get(native);
  result.outcome.nativeStatus = native;
  result.outcome.phase = known?.phase ?? 'finished';
  result.outcome.status = known?.status ?? 'unknown';
  result.outcome.message = fields.text('errorMessage');
  if (result.outcome.message !== null) result.issues.unshift(issue('ERROR', null, result.outcome.message));
  return known !== undefined;
}
