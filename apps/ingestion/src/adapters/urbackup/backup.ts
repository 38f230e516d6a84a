import { emptyJobResult, type Issue, type JobResult, type Status } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, issue, setLog } from '../reports/finish.js';
import { isObject } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { clientIdOf, isOn, readClient } from './client.js';

const SEVERITY_OF = new Map<unknown, Issue['severity']>([
  [1, 'WARNING'],
  [2, 'ERROR'],
]);

/** A backup that ended, with its log: `data[{time, msg, ll}]`, seconds since 1970 and 0 info, 1 warning, 2 error. */
export function adaptBackup(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const kind = isOn(fields.peek('image')) ? 'image' : 'file';
  readClient(fields, result, kind);
  result.identity.osName = fields.text('clientos');
  result.job.level = levelOf(fields.peek('incremental'));
  result.counts.warnings = fields.count('warnings');
  result.counts.errors = fields.count('errors');
  const warnings = readStatus(fields, result);
  readLog(fields, result, clock);
  const { startedAt } = result.timing;
  const key = runKey(clientIdOf(fields) ?? result.identity.hostName, startedAt, kind);
  result.job.nativeRunId = key;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: key,
    agentVersion: fields.peekText('clientversion'),
    warnings,
  });
}

function levelOf(incremental: unknown): JobResult['job']['level'] {
  if (typeof incremental !== 'number' && typeof incremental !== 'boolean') return 'unknown';
  return isOn(incremental) ? 'incremental' : 'full';
}

function readStatus(fields: Fields, { outcome, counts }: JobResult): string[] {
  const success = fields.peek('success');
  outcome.status = statusOf(success, counts.warnings ?? 0, counts.errors ?? 0);
  return outcome.status === 'unknown' ? ['unknown_status'] : [];
}

function statusOf(success: unknown, warnings: number, errors: number): Status {
  if (typeof success !== 'boolean' && typeof success !== 'number') return 'unknown';
  if (!isOn(success)) return 'failed';
  if (errors > 0) return 'partial';
  return warnings > 0 ? 'success_with_warnings' : 'success';
}

/** The log stays in the rest, word by word; its first and last line say when the run was. */
function readLog(fields: Fields, result: JobResult, clock: LocalClock): void {
  const data = fields.peek('data');
  if (!Array.isArray(data)) return;
  const lines = data.filter(isObject).map((line) => new Fields(line));
  result.timing.startedAt = lines[0]?.unixTime('time', clock) ?? null;
  result.timing.endedAt = lines.at(-1)?.unixTime('time', clock) ?? null;
  const found: Issue[] = [];
  for (const line of lines) {
    const severity = SEVERITY_OF.get(line.peek('ll'));
    const message = line.peekText('msg');
    if (severity && message !== null)
      found.push(issue(severity, null, message, null, line.unixTime('time', clock)));
  }
  result.issues.push(...found.slice(0, 101));
  result.outcome.message = lastOf(found, 'ERROR') ?? lastOf(found, 'WARNING');
  setLog(
    result,
    lines.map((line) => line.peekText('msg') ?? '').filter((text) => text !== ''),
  );
}

function lastOf(issues: readonly Issue[], severity: Issue['severity']): string | null {
  return issues.findLast((one) => one.severity === severity)?.message ?? null;
}
