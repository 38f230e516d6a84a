import { emptyJobResult, type Issue } from '@backhaul/domain';
import { type AdaptedReport, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, issue, setLog } from '../reports/finish.js';
import { type JsonObject, setOwn } from '../reports/json.js';
import { partsOfTexts } from '../reports/parts.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { parseXml, type XmlElement } from '../reports/xml.js';
import { isJob, readJob } from './job.js';
import { zoneOf } from './zone.js';

export function isXml(text: string): boolean {
  return /^\ufeff?\s*</.test(text);
}

/** A list's rows, each in the list's own element again, which says of which day it is. */
export function partsOfXml(report: NativeReport): NativeReport[] {
  const root = parseXml(report.text);
  const rows = rowsOf(root);
  const head = report.text.slice(root.start, root.openEnd);
  return partsOfTexts(
    report,
    rows.map((row) => `${head}${report.text.slice(row.start, row.end)}</${tagOf(head)}>`),
  );
}

/** The name as written, prefix and all. */
function tagOf(head: string): string {
  return /^<([^\s/>]+)/.exec(head)?.[1] ?? '';
}

function rowsOf(root: XmlElement): XmlElement[] {
  return root.children.filter((child) => isJob(fieldsOf(child)));
}

/** All that was posted stays in the rest as text: XML has no leaves that JSON could hold. */
export function adaptXml(report: NativeReport): AdaptedReport {
  const root = parseXml(report.text);
  if (root.name === 'err') return adaptError(root, report);
  const [element, ...others] = isJob(fieldsOf(root)) ? [root] : rowsOf(root);
  // `parts` has cut longer lists, unless they are too long.
  if (!element || others.length > 0) throw new UnreadableReport('not_a_report');
  const result = emptyJobResult();
  const job = fieldsOf(element);
  const clock = new LocalClock(zoneOf(fieldsOf(root), report.zone));
  const warnings = readJob(job, fieldsOf(root), result, clock);
  readLog(element, result, clock);
  const { nativeRunId } = result.job;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: { text: report.text },
    nativeKey: runKey(nativeRunId, result.outcome.status),
    agentVersion: job.peekText('RunVersion'),
    warnings,
  });
}

function fieldsOf({ attributes }: XmlElement): Fields {
  const source: JsonObject = {};
  for (const [name, value] of attributes) setOwn(source, name, value);
  return new Fields(source);
}

const SEVERITY_OF = new Map<string, Issue['severity']>([
  ['Warn', 'WARNING'],
  ['Error', 'ERROR'],
]);

function readLog(element: XmlElement, result: ReturnType<typeof emptyJobResult>, clock: LocalClock): void {
  const lines: string[] = [];
  for (const { name, attributes } of element.children) {
    const message = attributes.get('Message');
    if (message === undefined) continue;
    lines.push(message);
    const severity = SEVERITY_OF.get(name);
    const at = clock.read(attributes.get('Timestamp') ?? '');
    if (severity && result.issues.length <= 100) result.issues.push(issue(severity, null, message, null, at));
  }
  result.outcome.message = result.issues.find(({ severity }) => severity === 'ERROR')?.message ?? null;
  setLog(result, lines);
}

/** `[UserCacheManager.NoSuchUserExpt] User 'nobody' not found` */
function adaptError(root: XmlElement, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  result.job.kind = 'other';
  const [, code = null, message = root.text] = /^\[([\w.]{1,200})\]\s*(.*)$/s.exec(root.text) ?? [];
  result.outcome.message = message || null;
  result.issues.push(issue('WARNING', code, message || 'The server refused the question.'));
  const clock = new LocalClock(report.zone);
  const rest = { text: report.text };
  return finish(result, { agent: report.agent, clock, rest, nativeKey: null, agentVersion: null });
}
