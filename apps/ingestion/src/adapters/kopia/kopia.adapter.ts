import { emptyJobResult } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, linesOf, setLog } from '../reports/finish.js';
import { isObject, type JsonObject, parseJson } from '../reports/json.js';
import { LocalClock } from '../reports/times.js';
import { parseGoJson } from './go-json.js';
import { readHtml } from './html-report.js';
import { readJsonReport, readManifest } from './json-report.js';
import { readSnapshots } from './snapshots.js';
import { readText } from './text-report.js';

/** Kopia's webhook: JSON by our template, else its default text or html. */
export const kopiaAdapter: AgentAdapter = {
  agents: ['kopia'],
  name: 'kopia',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    const text = report.text.trimStart();
    if (text === '') throw new UnreadableReport('empty');
    return text.startsWith('{') || text.startsWith('[') ? adaptJson(text, report) : adaptText(text, report);
  },
};

function adaptJson(text: string, report: NativeReport): AdaptedReport {
  const { value, isRepaired } = jsonIn(text);
  if (!isObject(value)) return adaptUnknown(report, value);
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const fields = new Fields(value);
  const isManifest = fields.has('rootEntry') || fields.has('stats');
  const found = isManifest ? readManifest(fields, clock) : readJsonReport(fields, clock);
  const nativeKey = readSnapshots(result, found, report, clock);
  // Leaves are read, not taken: a list of snapshots is kept as it was.
  const rest: JsonObject = isRepaired ? { text: report.text } : value;
  return finish(result, { agent: 'kopia', clock, rest, nativeKey, agentVersion: found.agentVersion });
}

function jsonIn(text: string): { value: JsonObject | unknown[] | null; isRepaired: boolean } {
  try {
    const value = parseJson(text);
    return { value: isObject(value) || Array.isArray(value) ? value : null, isRepaired: false };
  } catch (error) {
    if (!(error instanceof UnreadableReport) || error.reason !== 'not_json') throw error;
    return { value: parseGoJson(text), isRepaired: true };
  }
}

function adaptText(text: string, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const subject = report.headers['subject'] ?? subjectIn(text);
  const found =
    text.includes('<table') || /^<(?:!doctype|html)/i.test(text)
      ? readHtml(text, subject)
      : readText(text, subject);
  const nativeKey = readSnapshots(result, found, report, clock);
  result.outcome.message ??= subject;
  // These forms write each time with its offset.
  clock.sawZone = result.timing.startedAt !== null || result.timing.endedAt !== null;
  setLog(result, linesOf(report.text));
  return finish(result, {
    agent: 'kopia',
    clock,
    rest: { text: report.text },
    nativeKey,
    agentVersion: found.agentVersion,
  });
}

/** Saved reports start with the subject, which the webhook sends as a header. */
function subjectIn(text: string): string | null {
  return /^Subject: ([^\r\n]{1,500})/m.exec(text.slice(0, 2000))?.[1] ?? null;
}

function adaptUnknown(report: NativeReport, list: unknown[] | null): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  result.outcome.message = report.headers['subject'] ?? null;
  return finish(result, {
    agent: 'kopia',
    clock,
    rest: list ?? { text: report.text },
    nativeKey: null,
    agentVersion: null,
  });
}
