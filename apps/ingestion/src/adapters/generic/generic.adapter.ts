import { emptyJobResult, type JobResult } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { type Envelope, isEnvelope, readEnvelope } from '../reports/envelope.js';
import { Fields } from '../reports/fields.js';
import { finish, linesOf, setLog } from '../reports/finish.js';
import { parseObject } from '../reports/json.js';
import { LocalClock } from '../reports/times.js';
import { isCanonical, readCanonical } from './canonical.js';
import { readDuplicity } from './duplicity.js';
import { statusOfExit } from './exit-status.js';
import { kindOfCommand } from './command-kind.js';

/** Any command in an envelope, of which only the exit code is read, and JSON in the shape of our own events. */
export const genericAdapter: AgentAdapter = {
  agents: ['generic', 'duplicity'],
  name: 'generic',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    const fields = new Fields(parseObject(report.text));
    if (isCanonical(fields)) return adaptCanonical(fields, report);
    if (isEnvelope(fields)) return adaptEnvelope(fields, report);
    throw new UnreadableReport('not_a_report');
  },
};

function adaptCanonical(fields: Fields, report: NativeReport): AdaptedReport {
  const clock = new LocalClock(report.zone);
  const { result, warnings } = readCanonical(fields, clock);
  const nativeKey = keyOf(result);
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey,
    agentVersion: null,
    warnings,
  });
}

/** A run's start and its end are two reports. */
function keyOf({ job, outcome }: JobResult): string | null {
  if (job.nativeRunId === null || outcome.phase === 'progress') return null;
  return outcome.phase === 'finished' ? job.nativeRunId : `${job.nativeRunId}:${outcome.phase}`;
}

function adaptEnvelope(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const envelope = readEnvelope(fields, result, report);
  result.job.kind = kindOfCommand(envelope.command) ?? 'other';
  result.outcome.status = statusOfExit(envelope.exitCode);
  if (report.agent === 'duplicity' || envelope.stdout.includes('[ Backup Statistics ]'))
    readDuplicity(envelope, result);
  result.outcome.message = lastLineOf(envelope, result);
  setLog(result, [...linesOf(envelope.stdout), ...linesOf(envelope.stderr)]);
  const { clock, agentVersion } = envelope;
  return finish(result, { agent: report.agent, clock, rest: fields.rest(), nativeKey: null, agentVersion });
}

/** Of a failed command, the last thing that it said. */
function lastLineOf({ stdout, stderr }: Envelope, { outcome }: JobResult): string | null {
  if (outcome.status === 'success') return null;
  return linesOf(stderr).at(-1) ?? linesOf(stdout).at(-1) ?? null;
}
