import { emptyJobResult } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, issue } from '../reports/finish.js';
import { isObject, type JsonObject, parseObject } from '../reports/json.js';
import { partsAt, withValue } from '../reports/parts.js';
import { runKey } from '../reports/run-key.js';
import { isZone, LocalClock } from '../reports/times.js';
import { readJob } from './job.js';

const JOBS = ['result', 'jobs'];

/**
 * The answer of the director to `.api 2` and `llist jobs`, with `director`, `host` and `zone` beside it where the
 * script knows them; or one job alone, its fields named alike.
 */
export const bareosAdapter: AgentAdapter = {
  agents: ['bareos'],
  name: 'bareos',
  version: '1',
  parts(report: NativeReport): NativeReport[] {
    return partsAt(report, parseObject(report.text), JOBS);
  },
  adapt(report: NativeReport): AdaptedReport {
    const fields = new Fields(parseObject(report.text));
    const jobs = fields.inner('result').peek('jobs');
    if (Array.isArray(jobs)) return adaptList(fields, jobs, report);
    if (isObject(fields.peek('error'))) return adaptError(fields, report);
    if (isJob(fields.source)) return adaptJob(fields, fields, report);
    throw new UnreadableReport('not_a_report');
  },
};

function isJob(source: JsonObject): boolean {
  const names = Object.keys(source).map((name) => name.toLowerCase());
  return names.includes('jobid') && (names.includes('jobstatus') || names.includes('name'));
}

/** One job at most: `parts` has cut longer lists. */
function adaptList(fields: Fields, jobs: readonly unknown[], report: NativeReport): AdaptedReport {
  const [job] = jobs;
  if (jobs.length === 1 && isObject(job)) return adaptJob(fields, new Fields(job), report);
  if (jobs.length > 0) throw new UnreadableReport('not_a_report');
  return adaptAnswer(fields, report, 'The director names no job.', null);
}

function adaptJob(fields: Fields, job: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = clockOf(fields, report);
  const warnings = readJob(job, result, clock);
  result.identity.hostName ??= fields.text('host');
  const rest = fields.rest();
  const director = fields.peekText('director');
  const { nativeRunId } = result.job;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: job === fields ? rest : withValue(rest ?? {}, JOBS, [job.rest() ?? {}]),
    nativeKey: runKey(director ?? '', nativeRunId, result.outcome.status),
    agentVersion: fields.peekText('agentVersion'),
    warnings,
  });
}

/** The director refused the question, so nobody knows how the job went. */
function adaptError(fields: Fields, report: NativeReport): AdaptedReport {
  const error = fields.inner('error');
  const messages = error.inner('data').inner('messages').peek('error');
  const texts = Array.isArray(messages) ? messages.filter((text) => typeof text === 'string') : [];
  const said = texts.map((text) => text.trim()).filter((text) => text !== '');
  return adaptAnswer(fields, report, said[0] ?? error.peekText('message'), error.peek('code'));
}

function adaptAnswer(
  fields: Fields,
  report: NativeReport,
  message: string | null,
  code: unknown,
): AdaptedReport {
  const result = emptyJobResult();
  result.job.kind = 'other';
  result.identity.hostName = fields.text('host');
  result.outcome.message = message;
  if (typeof code === 'number') result.outcome.nativeCode = String(code);
  if (message !== null) result.issues.push(issue('WARNING', null, message));
  const clock = clockOf(fields, report);
  const warnings = ['no_job'];
  const rest = fields.rest();
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null, warnings });
}

/** The catalogue's times are the director's local ones (T8). */
function clockOf(fields: Fields, report: NativeReport): LocalClock {
  const zone = fields.peekText('zone');
  return new LocalClock(zone !== null && isZone(zone) ? zone : report.zone);
}
