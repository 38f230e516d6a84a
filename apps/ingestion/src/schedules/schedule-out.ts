import {
  type Expected, expectationOf, type JobSchedule, scheduleOfJob, type ScheduleSettings,
} from '@backhaul/domain'; // prettier-ignore
import { dueOf, type Expectation, type JobExpectation, jobIdOf } from './expectation.js';
import type { Named } from './inferred-event.js';
import {
  alarmOut,
  iso,
  type ScheduledJobOut,
  type ScheduleOut,
  settingsOut,
  timesOut,
} from './schedules.types.js';

/** An account's schedule as it is known. */
export interface AccountSchedule {
  accountNo: number;
  settings: ScheduleSettings;
  version: number;
  expectations: readonly Expectation[];
  /** What names the jobs, by event id. */
  names: ReadonlyMap<string, Named>;
}

export function scheduleOut({ accountNo, settings, expectations, names }: AccountSchedule): ScheduleOut {
  const account = expectations.find((one) => one.kind === 'account');
  const jobs = expectations.filter((one) => one.kind === 'job');
  return {
    accountNo,
    ...settingsOut(settings),
    jobs: jobs.map((job) => jobOut(job, settings, names.get(job.lastEventId ?? '') ?? null)),
    lastSavedAt: iso(account?.watch.lastSavedMs ?? null),
    alarm: account ? alarmOut(dueOf(account, settings)) : null,
  };
}

function jobOut(job: JobExpectation, settings: ScheduleSettings, named: Named | null): ScheduledJobOut {
  const { watch } = job;
  const id = jobIdOf(job.jobHash);
  const schedule = scheduleOfJob(settings, id);
  const expected = expectationOf(watch, schedule);
  return {
    id,
    agent: named?.source.agent ?? null,
    hostName: named?.identity.hostName ?? null,
    jobName: named?.job.jobName ?? named?.job.nativeJobId ?? null,
    mode: schedule.mode,
    times: timesOut(schedule),
    isOwn: id in settings.jobs,
    status: watch.status,
    lastRunAt: iso(watch.lastRunMs),
    runningSince: iso(watch.runningMs),
    expectedAt: iso(expected?.expectedMs ?? null),
    alarm: alarmOut(dueOf(job, settings)),
    why: whyOf(schedule, expected?.from ?? null, watch.rhythm?.gaps.length ?? 0),
  };
}

const HOUR_MS = 3_600_000;

function whyOf({ mode, times }: JobSchedule, from: Expected['from'] | null, gaps: number): string {
  if (mode === 'off') return 'Switched off: nothing is expected.';
  if (mode === 'set')
    return times && 'everyHours' in times
      ? `Set: ${times.everyHours} hours after the run before.`
      : 'Set: times of the week.';
  if (from === 'told') return 'Told by the agent with its last run.';
  if (from === null || from === 'set')
    return `Not learned: ${gaps + 1} runs are remembered, and it takes five over eight days that have a rhythm.`;
  const every = (from.medianMs / HOUR_MS).toFixed(1);
  return from.kind === 'weekly'
    ? `Learned: the same times in two weeks, ${from.runs} runs remembered.`
    : `Learned: every ${every} hours as a rule, from ${from.runs} runs; the longest pause counts.`;
}
