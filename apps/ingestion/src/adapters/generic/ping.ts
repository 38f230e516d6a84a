import { emptyJobResult, type IsoTime, type Status } from '@backhaul/domain';
import type { AdaptedReport } from '../adapter.js';
import { finish } from '../reports/finish.js';
import { LocalClock } from '../reports/times.js';
import { statusOfExit } from './exit-status.js';

export interface Ping {
  /** The last part of the address; a number is an exit code. */
  suffix: 'start' | 'fail' | 'log' | number | null;
  /** Free text. */
  body: string;
  receivedAt: IsoTime;
}

/** What `/ping` says: a job begins, ends, fails, or has something to tell. Two equal pings are two reports (N9). */
export function pingReport({ suffix, body, receivedAt }: Ping): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock('UTC');
  const at = clock.read(receivedAt);
  result.job.kind = 'other';
  result.outcome.message = body === '' ? null : body;
  result.outcome.nativeStatus = typeof suffix === 'string' ? suffix : null;
  if (suffix === 'start' || suffix === 'log') {
    result.outcome.phase = suffix === 'start' ? 'started' : 'progress';
    result.outcome.status = 'running';
    if (suffix === 'start') result.timing.startedAt = at;
  } else {
    result.outcome.status = statusOf(suffix);
    result.timing.endedAt = at;
  }
  if (typeof suffix === 'number') {
    result.outcome.exitCode = suffix;
    result.outcome.nativeCode = String(suffix);
  }
  return finish(result, { agent: 'generic', clock, rest: null, nativeKey: null, agentVersion: null });
}

function statusOf(suffix: 'fail' | number | null): Status {
  if (suffix === null) return 'success';
  return suffix === 'fail' ? 'failed' : statusOfExit(suffix);
}
