import { sightingOf } from '@backhaul/domain';
import type { LoggedRun } from './schedule-log.js';

/** What a job's reports said last, as lists of jobs show it. */
export interface Heard {
  agent: string | null;
  hostName: string | null;
  jobName: string | null;
  /** `server`, `workstation` or `unknown`. */
  machineClass: string | null;
  /** Of the last run that ended; null while the first one goes on. */
  status: string | null;
  severity: string | null;
  /** When that one ended, milliseconds since 1970. */
  endedMs: number | null;
  /** What the job keeps, as far as it ever said. */
  storedBytes: number | null;
}

const NOTHING: Heard = {
  agent: null,
  hostName: null,
  jobName: null,
  machineClass: null,
  status: null,
  severity: null,
  endedMs: null,
  storedBytes: null,
};

/** A run that begins tells who it is; one that ended also how it went, unless a later one is known. */
export function heardAfter(known: Heard | null, run: LoggedRun): Heard | null {
  const sighting = sightingOf(run);
  if (sighting === 'missed' || sighting === null) return known;
  const before = known ?? NOTHING;
  if (run.occurredMs < (before.endedMs ?? 0)) return known;
  const { said } = run;
  const named: Heard = {
    ...before,
    agent: said.agent ?? before.agent,
    hostName: said.hostName ?? before.hostName,
    jobName: said.jobName ?? before.jobName,
    machineClass: (said.machineClass === 'unknown' ? before.machineClass : said.machineClass) ?? 'unknown',
  };
  if (sighting === 'began') return named;
  const { status, severity } = said;
  const storedBytes = said.storedBytes ?? before.storedBytes;
  return { ...named, status, severity, endedMs: run.occurredMs, storedBytes };
}
