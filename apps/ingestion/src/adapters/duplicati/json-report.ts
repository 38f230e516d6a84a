import { emptyJobResult, type JobResult } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapter.js';
import type { Fields } from '../reports/fields.js';
import { finish, issue } from '../reports/finish.js';
import { LocalClock } from '../reports/times.js';
import { readExtra } from './extra.js';
import { readLogLines } from './log-lines.js';
import { readOperation } from './operation.js';
import { readStatistics } from './statistics.js';
import { statusOf } from './status.js';
import { versionIn } from './version.js';

/** The report of one operation: `Data` with its figures, `Extra` about job and machine, `LogLines`, `Exception`. */
export function adaptJsonReport(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const data = fields.inner('Data');
  const extra = fields.inner('Extra');
  readExtra(extra, result);
  readStatistics(data, result, clock);
  const nativeKey = readOperation(data, extra, result);
  if (readLogLines(fields.peek('LogLines'), result, clock)) fields.take('LogLines');
  const exception = readException(fields, data, result);
  const warnings = readStatus(data, result, exception !== null);
  result.outcome.message = exception ?? result.issues[0]?.message ?? null;
  const agentVersion = versionIn(data.peekText('Version'));
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey,
    agentVersion,
    warnings,
  });
}

function readStatus(data: Fields, result: JobResult, hasException: boolean): string[] {
  const nativeStatus = data.text('ParsedResult');
  result.outcome.nativeStatus = nativeStatus;
  result.outcome.dryRun = data.flag('Dryrun') ?? false;
  const { status, isKnown } = statusOf(data, result, hasException);
  result.outcome.status = status;
  return isKnown ? [] : ['unknown_status'];
}

/** The whole text of the exception: of its own since 2.0.7.102, before that `Data` itself was one (T2). */
function readException(fields: Fields, data: Fields, result: JobResult): string | null {
  const own = fields.text('Exception');
  if (own !== null) {
    result.issues.unshift(issue('ERROR', typeOf(own), firstLine(own)));
    return own;
  }
  if (data.has('ClassName')) {
    const message = data.text('Message') ?? data.peekText('ClassName');
    result.issues.unshift(issue('ERROR', data.text('ClassName'), message ?? 'Exception'));
    return message;
  }
  const other = fields.peek('Exception');
  return other === null || other === undefined || other === '' ? null : 'Exception';
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return (end < 0 ? text : text.slice(0, end)).trimEnd();
}

/** `System.IO.IOException: text`: what stands before the colon, when it is a type's name. */
function typeOf(exception: string): string | null {
  const name = exception.slice(0, Math.max(0, exception.indexOf(':')));
  return /^[\w.`+]{1,200}$/.test(name) ? name : null;
}
