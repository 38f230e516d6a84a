import type { Severity } from '../canonical-event.js';
import type { EventType } from '../event-types.js';
import { nextExpected } from './expected-times.js';
import { learnedFrom, type Learned, type Rhythm } from './rhythm.js';
import type { JobSchedule, ScheduleSettings } from './schedule-settings.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What concerns a whole account gets another day after an outage of ours, and no more than this in all. */
const MOST_EXTRA_MS = 2 * DAY_MS;

export type AlarmType = Extract<
  EventType,
  'backup.missed' | 'backup.none_recent' | 'backup.never_run' | 'backup.stalled'
>;

/** What would be raised next if nothing came, and when. All times in milliseconds since 1970. */
export interface Due {
  type: AlarmType;
  severity: Severity;
  /** When it should have happened. */
  expectedMs: number;
  /** Not raised before. */
  dueMs: number;
}

/** What is known of one job's runs. */
export interface JobWatch {
  /** When its last run ended, however it went; null while the first one goes on. */
  lastRunMs: number | null;
  /** The last sign of life of a run that has not ended. */
  runningMs: number | null;
  /** Up to here nothing can be said, since reports could not be taken. */
  excusedMs: number | null;
  /** When the agent itself will run it next, as it said with the last run. */
  toldMs: number | null;
  status: 'waiting' | 'missed' | 'stalled';
  rhythm: Rhythm | null;
}

/** What is known of an account as a whole. */
export interface AccountWatch {
  knownSinceMs: number;
  lastRunMs: number | null;
  /** When the last backup that saved something ended. */
  lastSavedMs: number | null;
  excusedMs: number | null;
  status: 'waiting' | 'never_run' | 'warned' | 'overdue';
}

const newest = (...times: (number | null)[]): number | null => {
  const known = times.filter((ms) => ms !== null);
  return known.length > 0 ? Math.max(...known) : null;
};

export interface Expected {
  expectedMs: number;
  /** `told` by the agent; or what was learned. */
  from: 'set' | 'told' | Learned;
}

/** When the next run is expected, and from what that is known; null where nothing is. */
export function expectationOf(watch: JobWatch, { mode, times }: JobSchedule): Expected | null {
  const seenMs = newest(watch.lastRunMs, watch.runningMs, watch.excusedMs);
  if (mode === 'off' || seenMs === null) return null;
  if (mode === 'set') return times ? { expectedMs: nextExpected(times, seenMs), from: 'set' } : null;
  if (watch.toldMs !== null && watch.toldMs > seenMs) return { expectedMs: watch.toldMs, from: 'told' };
  const learned = watch.rhythm ? learnedFrom(watch.rhythm, seenMs) : null;
  return learned && { expectedMs: learned.expectedMs, from: learned };
}

function missedDue(watch: JobWatch, job: JobSchedule, graceMinutes: number): Due | null {
  // One alarm for a gap, however many runs are missing in it.
  if (watch.status !== 'waiting') return null;
  const expected = expectationOf(watch, job);
  if (!expected) return null;
  const { expectedMs } = expected;
  const dueMs = expectedMs + graceMinutes * MINUTE_MS;
  return { type: 'backup.missed', severity: 'ERROR', expectedMs, dueMs };
}

function stalledDue({ runningMs, excusedMs, status }: JobWatch, stalledHours: number): Due | null {
  if (runningMs === null || status === 'stalled') return null;
  const expectedMs = Math.max(runningMs, excusedMs ?? 0);
  const dueMs = expectedMs + stalledHours * HOUR_MS;
  return { type: 'backup.stalled', severity: 'WARNING', expectedMs, dueMs };
}

/** What a job's silence leads to next. */
export function jobDue(
  watch: JobWatch,
  job: JobSchedule,
  { graceMinutes, stalledHours }: Pick<ScheduleSettings, 'graceMinutes' | 'stalledHours'>,
): Due | null {
  if (job.mode === 'off') return null;
  const dues = [missedDue(watch, job, graceMinutes), stalledDue(watch, stalledHours)].filter(
    (due) => due !== null,
  );
  return dues.sort((a, b) => a.dueMs - b.dueMs)[0] ?? null;
}

function accountAlarm(watch: AccountWatch, settings: ScheduleSettings): Omit<Due, 'expectedMs'> | null {
  const { status, knownSinceMs, lastSavedMs } = watch;
  const { noneRecent, neverRunDays } = settings;
  if (watch.lastRunMs === null && lastSavedMs === null) {
    if (status !== 'waiting') return null;
    const dueMs = knownSinceMs + neverRunDays * DAY_MS;
    return { type: 'backup.never_run', severity: 'WARNING', dueMs };
  }
  if (status === 'overdue') return null;
  const sinceMs = lastSavedMs ?? knownSinceMs;
  const isWarned = status === 'warned';
  const days = isWarned ? noneRecent.errorDays : noneRecent.warnDays;
  const severity = isWarned ? 'ERROR' : 'WARNING';
  return { type: 'backup.none_recent', severity, dueMs: sinceMs + days * DAY_MS };
}

/** What an account's silence leads to next. */
export function accountDue(watch: AccountWatch, settings: ScheduleSettings): Due | null {
  const alarm = settings.mode === 'off' ? null : accountAlarm(watch, settings);
  if (!alarm) return null;
  const extended = Math.min((watch.excusedMs ?? 0) + DAY_MS, alarm.dueMs + MOST_EXTRA_MS);
  const dueMs = Math.max(alarm.dueMs, extended);
  return { ...alarm, dueMs, expectedMs: dueMs - DAY_MS };
}
