import type { Weekday } from './wall-clock.js';

/** `learned` from when results came; `set` by a person; `off`: nothing is expected. */
export const SCHEDULE_MODES = ['learned', 'set', 'off'] as const;
export type ScheduleMode = (typeof SCHEDULE_MODES)[number];

export interface WeeklyTimes {
  days: readonly Weekday[];
  /** `HH:MM` by the clock on the wall. */
  at: readonly string[];
  /** An IANA name such as `Europe/Berlin`. */
  timeZone: string;
}

/** When a run is expected: at times of the week, or so many hours after the one before. */
export type ExpectedTimes = { weekly: WeeklyTimes } | { everyHours: number };

/** `times` is there with mode `set` and only then. */
export interface JobSchedule {
  mode: ScheduleMode;
  times: ExpectedTimes | null;
}

export interface ScheduleSettings extends JobSchedule {
  /** How long after its time a run may begin. */
  graceMinutes: number;
  /** Days without a backup that saved something. */
  noneRecent: { warnDays: number; errorDays: number };
  /** Days that a new account may be without a run. */
  neverRunDays: number;
  /** Hours that a run may go on without a sign of life. */
  stalledHours: number;
  /** What differs for single jobs, by job id. */
  jobs: Readonly<Record<string, JobSchedule>>;
}

export const DEFAULT_SCHEDULE: ScheduleSettings = {
  mode: 'learned',
  times: null,
  graceMinutes: 360,
  noneRecent: { warnDays: 3, errorDays: 5 },
  neverRunDays: 3,
  stalledHours: 24,
  jobs: {},
};

/** What holds for one job of the account. */
export function scheduleOfJob(settings: ScheduleSettings, jobId: string): JobSchedule {
  // An account that is switched off is so with all of its jobs.
  if (settings.mode === 'off') return { mode: 'off', times: null };
  return settings.jobs[jobId] ?? settings;
}
