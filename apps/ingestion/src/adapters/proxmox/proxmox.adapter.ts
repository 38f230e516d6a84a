import { type Agent, emptyJobResult, type JobResult, type Status } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, linesOf, setLog } from '../reports/finish.js';
import { parseObject } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { readNotice } from './notices.js';
import { readTask } from './tasks.js';
import { readVzdump } from './vzdump.js';

export const proxmoxVeAdapter = adapterOf('proxmox-ve');
export const proxmoxBackupAdapter = adapterOf('proxmox-bs');

/** A Proxmox notification through the body template `{source, title, message, severity, timestamp, fields}`. */
function adapterOf(agent: Agent): AgentAdapter {
  return {
    agents: [agent],
    name: 'proxmox',
    version: '1',
    adapt(report: NativeReport): AdaptedReport {
      const fields = new Fields(parseObject(report.text));
      if (!['title', 'message', 'severity', 'fields'].some((name) => fields.has(name)))
        throw new UnreadableReport('not_a_report');
      return adaptNotification(fields, report);
    },
  };
}

const STATUS_OF = new Map<string, Status>([
  ['info', 'success'],
  ['notice', 'success'],
  ['warning', 'success_with_warnings'],
  ['error', 'failed'],
  ['unknown', 'unknown'],
]);

function adaptNotification(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const native = fields.inner('fields');
  const title = fields.text('title');
  const message = fields.peekText('message') ?? '';
  result.outcome.message = title;
  result.identity.hostName = native.text('hostname') ?? fields.text('source');
  result.timing.endedAt = fields.unixTime('timestamp', clock);
  const warnings = readSeverity(fields, result);
  const type = native.peekText('type');
  readJobName(native, type, result);
  if (!readNotice(type, result, title ?? '', message)) {
    readTask(type, result, title ?? '', message, warnings);
    if (type === 'vzdump') readVzdump(result, title ?? '', message, report.agent, clock);
  }
  setLog(result, linesOf(message));
  const { hostName } = result.identity;
  const key = runKey(hostName, result.job.nativeJobId, result.timing.endedAt, title);
  result.job.nativeRunId = key;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: key,
    agentVersion: null,
    warnings,
  });
}

function readSeverity(fields: Fields, { outcome }: JobResult): string[] {
  const severity = fields.text('severity');
  const status = severity === null ? undefined : STATUS_OF.get(severity);
  outcome.nativeStatus = severity;
  outcome.status = status ?? 'unknown';
  return status === undefined ? ['unknown_status'] : [];
}

/** A manual run has no job (T11): then what it does and where it does it. */
function readJobName(native: Fields, type: string | null, { job }: JobResult): void {
  const jobId = native.text('job-id');
  const datastore = native.text('datastore');
  job.destinationId = datastore ?? native.text('media-pool');
  job.jobName = jobId;
  job.nativeJobId = jobId ?? ([type, job.destinationId].filter((part) => part !== null).join(':') || null);
  job.trigger = jobId === null ? (type === 'vzdump' ? 'manual' : 'unknown') : 'scheduled';
}
