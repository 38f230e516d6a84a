import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { isObject, type JsonObject, parseJson } from '../reports/json.js';
import { partsAt, partsOfArray, partsOfTexts, withValue } from '../reports/parts.js';
import { adaptEmSession } from './em-session.js';
import { adaptJobState, isJobState } from './job-state.js';
import { adaptEmpty, adaptSession, isSession } from './session.js';
import { adaptSyslog, isSyslog, syslogLines } from './syslog-event.js';

/**
 * Sessions as the REST API gives them, one or a list, with `vbrHostName` and `vbrVersion` beside them where the script
 * knows them; states of jobs; sessions of Enterprise Manager (XML); lines of syslog.
 */
export const veeamAdapter: AgentAdapter = {
  agents: ['veeam-vbr'],
  name: 'veeam',
  version: '1',
  parts(report: NativeReport): NativeReport[] {
    if (isSyslog(report.text)) return partsOfTexts(report, syslogLines(report.text));
    if (isXml(report.text)) return [report];
    const body = parseJson(report.text);
    if (Array.isArray(body)) return body.length > 1 ? partsOfArray(report, body) : [report];
    return isObject(body) ? partsAt(report, body, ['data']) : [report];
  },
  adapt(report: NativeReport): AdaptedReport {
    if (isSyslog(report.text)) return adaptSyslog(report);
    if (isXml(report.text)) return adaptEmSession(report);
    const body = parseJson(report.text);
    if (isObject(body)) return adaptObject(body, report);
    if (Array.isArray(body) && body.length === 1 && isObject(body[0])) return adaptOne(body[0], report);
    throw new UnreadableReport('not_a_report');
  },
};

function isXml(text: string): boolean {
  return /^\ufeff?\s*</.test(text);
}

/** The element of an array of one: its rest must be an array too, so that each leaf keeps its place. */
function adaptOne(element: JsonObject, report: NativeReport): AdaptedReport {
  const fields = new Fields(element);
  return adaptItem(fields, fields, () => [fields.rest() ?? {}], report);
}

function adaptObject(body: JsonObject, report: NativeReport): AdaptedReport {
  const fields = new Fields(body);
  const list = fields.peek('data');
  if (!Array.isArray(list)) return adaptItem(fields, fields, () => fields.rest(), report);
  if (list.length === 0) return adaptEmpty(fields, report);
  const element: unknown = list[0];
  if (list.length > 1 || !isObject(element)) throw new UnreadableReport('not_a_report');
  const item = new Fields(element);
  const rest = (): JsonObject => withValue(fields.rest() ?? {}, ['data'], [item.rest() ?? {}]);
  return adaptItem(item, fields, rest, report);
}

function adaptItem(
  item: Fields,
  beside: Fields,
  rest: () => JsonObject | unknown[] | null,
  report: NativeReport,
): AdaptedReport {
  if (isSession(item)) return adaptSession(item, beside, rest, report);
  if (isJobState(item)) return adaptJobState(item, beside, rest, report);
  throw new UnreadableReport('not_a_report');
}
