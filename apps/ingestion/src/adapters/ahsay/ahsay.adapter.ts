import { emptyJobResult } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, issue, observe } from '../reports/finish.js';
import { isObject, type JsonObject, parseObject } from '../reports/json.js';
import { partsAt, withValue } from '../reports/parts.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { isJob, readJob } from './job.js';
import { adaptXml, isXml, partsOfXml } from './xml-answer.js';
import { zoneOf } from './zone.js';

const NOTHING_THAT_DAY = /No Backup Job on that day/i;

/** Answers of AhsayCBS (JSON) and AhsayOBS 6 (XML) about backup jobs, as a script on the server posts them. */
export const ahsayAdapter: AgentAdapter = {
  agents: ['ahsay'],
  name: 'ahsay',
  version: '1',
  parts(report: NativeReport): NativeReport[] {
    return isXml(report.text) ? partsOfXml(report) : partsAt(report, parseObject(report.text), ['Data']);
  },
  adapt(report: NativeReport): AdaptedReport {
    if (isXml(report.text)) return adaptXml(report);
    const fields = new Fields(parseObject(report.text));
    const job = jobIn(fields);
    if (job) return adaptJob(fields, job, report);
    if (fields.peek('Status') === 'Error') return adaptError(fields, report);
    const data = fields.peek('Data');
    if (fields.has('Status') && Array.isArray(data) && data.length === 0) return adaptNothing(fields, report);
    throw new UnreadableReport('not_a_report');
  },
};

interface Found {
  job: Fields;
  /** The whole without what found a place. */
  rest: () => JsonObject | null;
}

/** The run in `Data`, in a list of one, or the body itself. */
function jobIn(fields: Fields): Found | null {
  const data = fields.peek('Data');
  if (Array.isArray(data)) {
    const element: unknown = data[0];
    if (data.length !== 1 || !isObject(element)) return null;
    const job = new Fields(element);
    const rest = () => withValue(fields.rest() ?? {}, ['Data'], [job.rest() ?? {}]);
    return isJob(job) ? { job, rest } : null;
  }
  const job = isObject(data) ? fields.inner('Data') : fields;
  return isJob(job) ? { job, rest: () => fields.rest() } : null;
}

function adaptJob(fields: Fields, { job, rest }: Found, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(zoneOf(fields, report.zone));
  const warnings = readJob(job, fields, result, clock);
  const { nativeRunId } = result.job;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: rest(),
    nativeKey: runKey(nativeRunId, result.outcome.status),
    agentVersion: job.peekText('RunVersion') ?? fields.peekText('RunVersion'),
    warnings,
  });
}

/** "No job on that day" comes as an error, and is an empty list (T16). */
function adaptError(fields: Fields, report: NativeReport): AdaptedReport {
  const message = fields.peekText('Message');
  if (message !== null && NOTHING_THAT_DAY.test(message)) return adaptNothing(fields, report);
  const result = emptyJobResult();
  result.job.kind = 'other';
  result.identity.nativeAccount = fields.text('LoginName');
  result.identity.hostName = result.identity.nativeAccount;
  result.outcome.message = message;
  result.issues.push(
    issue('WARNING', fields.peekText('ExptType'), message ?? 'The server refused the question.'),
  );
  const clock = new LocalClock(report.zone);
  const rest = fields.rest();
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null });
}

function adaptNothing(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  result.identity.nativeAccount = fields.text('LoginName');
  result.identity.hostName = result.identity.nativeAccount;
  observe(result, 'service.status_update', 'OK');
  result.outcome.message = fields.peekText('Message');
  const clock = new LocalClock(report.zone);
  const rest = fields.rest();
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null });
}
