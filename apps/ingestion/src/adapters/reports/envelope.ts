import { JOB_TRIGGERS, type JobResult } from '@backhaul/domain';
import type { NativeReport } from '../adapter.js';
import { Fields } from './fields.js';
import { isZone, LocalClock } from './times.js';
import { objectIn } from './json.js';

/** What a wrapper script posts of a command that it ran: who, when, how it ended, what it printed. */
export interface Envelope {
  fields: Fields;
  clock: LocalClock;
  stdout: string;
  stderr: string;
  exitCode: number | null;
  command: string | null;
  agentVersion: string | null;
}

const MARKS = ['exitCode', 'stdout', 'stderr'];

export function isEnvelope(fields: Fields): boolean {
  return MARKS.some((name) => fields.has(name));
}

/** The envelope in the body, or null when the body is the bare output of the command. */
export function envelopeIn(report: NativeReport): Fields | null {
  const text = report.text.trimStart();
  const object = objectIn(text);
  const fields = object && new Fields(object);
  return fields && isEnvelope(fields) ? fields : null;
}

/** Output without envelope: it says neither host nor exit code. */
export function bareOutput(report: NativeReport): Envelope {
  return {
    fields: new Fields({ stdout: report.text }),
    clock: new LocalClock(report.zone),
    stdout: report.text,
    stderr: '',
    exitCode: null,
    command: null,
    agentVersion: null,
  };
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
