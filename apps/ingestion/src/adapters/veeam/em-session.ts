import { emptyJobResult } from '@backhaul/domain';
import { type AdaptedReport, type NativeReport, UnreadableReport } from '../adapter.js';
import { finish } from '../reports/finish.js';
import { LocalClock } from '../reports/times.js';
import { childText, parseXml, type XmlElement } from '../reports/xml.js';
import { sessionKey } from './session.js';
import { hasStopped, kindOf, statusOfResult, statusOfState } from './words.js';

/** A session of Enterprise Manager's REST API. All of it stays in the rest, as text. */
export function adaptEmSession(report: NativeReport): AdaptedReport {
  const root = parseXml(report.text);
  const isTask = root.name === 'BackupTaskSession';
  if (!isTask && !root.name.endsWith('JobSession')) throw new UnreadableReport('not_a_report');
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const { job, timing, outcome } = result;
  result.identity.hostName = linkName(root, 'BackupServerReference');
  job.kind = kindOf(root.name) ?? 'backup';
  job.nativeRunId = idIn(root.attributes.get('UID'));
  timing.startedAt = clock.read(childText(root, 'CreationTimeUTC') ?? '');
  timing.endedAt = clock.read(childText(root, 'EndTimeUTC') ?? '');
  const state = childText(root, 'State');
  outcome.nativeStatus = childText(root, 'Result');
  outcome.message = childText(root, 'Reason');
  outcome.status =
    statusOfState(state) ?? (hasStopped(state) ? statusOfResult(outcome.nativeStatus) : 'unknown');
  if (statusOfState(state) !== undefined) outcome.phase = 'progress';
  if (isTask) readTask(root, result);
  else readJob(root, result);
  return finish(result, {
    agent: report.agent,
    clock,
    rest: { text: report.text },
    nativeKey: sessionKey(job.nativeRunId, outcome.status),
    agentVersion: null,
  });
}

function readJob(root: XmlElement, { job }: ReturnType<typeof emptyJobResult>): void {
  job.nativeJobId = idIn(childText(root, 'JobUid'));
  job.jobName = childText(root, 'JobName');
}

/** One machine of a job is a job of its own here: the same job may have failed for another machine only. */
function readTask(root: XmlElement, result: ReturnType<typeof emptyJobResult>): void {
  const { job, bytes } = result;
  const machine = root.attributes.get('VmDisplayName') ?? null;
  result.identity.hostName = machine ?? result.identity.hostName;
  job.parentRunId = idIn(childText(root, 'JobSessionUid'));
  job.sourceName = machine;
  job.jobName = linkName(root, 'BackupJobSessionReference')?.replace(/@[^@]*$/, '') ?? machine;
  job.nativeJobId = job.jobName === null ? null : `${job.jobName}:${machine ?? ''}`;
  const size = childText(root, 'TotalSize') ?? '';
  if (/^\d{1,15}$/.test(size)) bytes.examined = Number(size);
}

/** The last part of `urn:veeam:Job:<uuid>`. */
function idIn(urn: string | null | undefined): string | null {
  return urn?.split(':').at(-1) || null;
}

function linkName(root: XmlElement, type: string): string | null {
  const links = root.children.find(({ name }) => name === 'Links')?.children ?? [];
  return links.find(({ attributes }) => attributes.get('Type') === type)?.attributes.get('Name') ?? null;
}
