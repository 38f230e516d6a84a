import type { AdaptedReport, NativeReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { type JsonObject, setOwn } from '../reports/json.js';
import { adaptJsonReport } from './json-report.js';

const AGENT_LINE = /^Duplicati (\S+) report for (.+)$/;
const PAIR = /^([A-Za-z][A-Za-z0-9-]*): (.*)$/;
const UNIX = /\((\d{9,11})\)$/;
const LISTS: Record<string, string> = { Warnings: 'Warning', Errors: 'Error' };

/** `message=<url-encoded lines>` and other parameters. */
export function adaptFormText(report: NativeReport): AdaptedReport {
  const parameters: JsonObject = {};
  for (const [name, value] of new URLSearchParams(report.text)) {
    const known = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    // A name may come twice.
    setOwn(parameters, name, known === undefined ? value : [known, value].flat());
  }
  return adaptForm(new Fields(parameters), parameters, report);
}

/** The same report as lines of `Name: value`; the parameters are kept word by word. */
export function adaptForm(parameters: Fields, source: JsonObject, report: NativeReport): AdaptedReport {
  const lines = linesIn(parameters.peekText('message') ?? '');
  const extra: JsonObject = {};
  for (const name of Object.keys(source)) if (name !== 'message') setOwn(extra, name, source[name]);
  if (lines.jobName !== null && !Object.hasOwn(extra, 'backup-name')) extra['backup-name'] = lines.jobName;
  if (lines.operation !== null) extra['OperationName'] = lines.operation;
  const fields = new Fields({
    Data: lines.data,
    Extra: extra,
    LogLines: lines.log,
    Exception: lines.failure,
  });
  const adapted = adaptJsonReport(fields, report);
  adapted.result.ext = { [report.agent]: source };
  return adapted;
}

interface Lines {
  data: JsonObject;
  jobName: string | null;
  operation: string | null;
  failure: string | null;
  log: string[];
}

function linesIn(message: string): Lines {
  const found: Lines = { data: {}, jobName: null, operation: null, failure: null, log: [] };
  let list: string | null = null;
  for (const line of message.split('\n').map((text) => text.trimEnd())) {
    if (list !== null) {
      if (line === ']') list = null;
      else found.log.push(` - [${list}-]: ${line.trim()}`);
      continue;
    }
    list = readLine(line, found);
  }
  return found;
}

/** @returns the kind of the list that the line opens */
function readLine(line: string, found: Lines): string | null {
  const title = AGENT_LINE.exec(line);
  if (title) {
    found.operation = title[1]!;
    found.jobName = title[2]!;
    return null;
  }
  const pair = PAIR.exec(line);
  if (!pair) return null;
  const [name, value] = [pair[1]!, pair[2]!];
  if (name === 'Failed') found.failure = value;
  else if (value === '[') return LISTS[name] ?? 'Information';
  else setOwn(found.data, name, valueOf(value));
  return null;
}

/** Numbers and booleans as such; a time in the machine's locale is told by the seconds in its brackets. */
function valueOf(text: string): unknown {
  if (text === 'True' || text === 'False') return text === 'True';
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  const unix = UNIX.exec(text);
  return unix ? new Date(Number(unix[1]) * 1000).toISOString() : text;
}
