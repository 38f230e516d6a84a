import { JOB_TRIGGERS, type JobResult } from '@backhaul/domain';
import { type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from './fields.js';
import { isZone, LocalClock } from './times.js';
import { isObject, type JsonObject, objectIn, parseJson } from './json.js';

/** What a wrapper script posts of a command that it ran: who, when, how it ended, what it printed. */
export interface Envelope {
  fields: Fields;
  clock: LocalClock;
  stdout: string;
  stderr: string;
  exitCode: number | null;
  command: string | null;
  agentVersion: string | null;
  /** The report itself, where there is no envelope. */
  bare: JsonObject | unknown[] | null;
}

/** What an envelope's fields leave, or the whole of a bare output. */
export function restOf({ fields, bare }: Envelope): JsonObject | unknown[] | null {
  return bare ?? fields.rest();
}

const MARKS = ['exitCode', 'stdout', 'stderr'];

export function isEnvelope(fields: Fields): boolean {
  return MARKS.some((name) => fields.has(name));
}

/** The envelope in the body, or else the body as the bare output of a command: no host, no exit code. */
export function openEnvelope(report: NativeReport, result: JobResult): Envelope {
  const text = report.text.trimStart();
  if (text === '') throw new UnreadableReport('empty');
  const value = containerIn(text);
  if (isObject(value)) {
    const fields = new Fields(value);
    if (isEnvelope(fields)) return readEnvelope(fields, result, report);
  }
  return {
    fields: new Fields({}),
    clock: new LocalClock(report.zone),
    stdout: report.text,
    stderr: '',
    exitCode: null,
    command: null,
    agentVersion: null,
    bare: value ?? { text: report.text },
  };
}

function containerIn(text: string): JsonObject | unknown[] | null {
  if (!text.startsWith('{') && !text.startsWith('[')) return null;
  try {
    const value = parseJson(text);
    return isObject(value) || Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof UnreadableReport && error.reason === 'not_json') return null;
    throw error;
  }
}

/** A time of the run's own instead of the wrapper's, which then stays in the rest. */
export function preferTime(
  result: JobResult,
  name: 'startedAt' | 'endedAt',
  at: string | null,
  { fields }: Envelope,
): void {
  if (at === null || at === result.timing[name]) return;
  fields.keep(name);
  result.timing[name] = at;
}

/** Reads the envelope into the result. What was printed stays in the rest, word by word. */
export function readEnvelope(fields: Fields, result: JobResult, report: NativeReport): Envelope {
  const zone = fields.peekText('zone');
  const clock = new LocalClock(zone !== null && isZone(zone) ? zone : report.zone);
  const job = fields.text('job');
  result.identity.hostName = fields.text('host');
  result.job.nativeJobId = job;
  result.job.jobName = job;
  result.job.destinationId = fields.text('repository');
  result.timing.startedAt = fields.time('startedAt', clock);
  result.timing.endedAt = fields.time('endedAt', clock);
  readTrigger(fields, result);
  const exitCode = exitCodeOf(fields);
  result.outcome.exitCode = exitCode;
  result.outcome.nativeCode = exitCode === null ? null : String(exitCode);
  return {
    fields,
    clock,
    stdout: fields.peekText('stdout') ?? '',
    stderr: fields.peekText('stderr') ?? '',
    exitCode,
    command: fields.peekText('command'),
    agentVersion: fields.peekText('agentVersion'),
    bare: null,
  };
}

function readTrigger(fields: Fields, result: JobResult): void {
  const trigger = JOB_TRIGGERS.find((known) => known === fields.peek('trigger'));
  if (trigger === undefined) return;
  result.job.trigger = trigger;
  fields.take('trigger');
}

/** A number, or the text of one as shells write it. */
function exitCodeOf(fields: Fields): number | null {
  const code = fields.integer('exitCode');
  if (code !== null) return code;
  const text = fields.peekText('exitCode');
  return text !== null && /^-?\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The objects of JSON lines, and the lines that are none. */
export function splitLines(text: string): { objects: Fields[]; texts: string[] } {
  const objects: Fields[] = [];
  const texts: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const object = objectIn(trimmed);
    if (object) objects.push(new Fields(object));
    else texts.push(trimmed);
  }
  return { objects, texts };
}
