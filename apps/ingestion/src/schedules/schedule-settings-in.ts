import {
  DEFAULT_SCHEDULE, type ExpectedTimes, isTimeZone, type JobSchedule, type ScheduleSettings,
} from '@backhaul/domain'; // prettier-ignore
import type { ProblemError } from '@backhaul/http';
import type { ExpectedTimesIn, JobScheduleIn, ScheduleIn } from './schedules.types.js';

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const timesOf = (times: ExpectedTimesIn | null | undefined): ExpectedTimes | null => {
  if (times?.weekly) {
    const { days, at, timeZone } = times.weekly;
    return { weekly: { days: unique(days), at: unique(at).sort(), timeZone } };
  }
  return times?.everyHours ? { everyHours: times.everyHours } : null;
};

const jobScheduleOf = ({ mode, times }: Pick<JobScheduleIn, 'mode' | 'times'>): JobSchedule => ({
  mode,
  times: mode === 'set' ? timesOf(times) : null,
});

/** What was asked for, with the defaults for what was not. */
export function settingsOf(body: ScheduleIn): ScheduleSettings {
  const { noneRecent } = body;
  return {
    ...jobScheduleOf(body),
    graceMinutes: body.graceMinutes ?? DEFAULT_SCHEDULE.graceMinutes,
    noneRecent: noneRecent
      ? { warnDays: noneRecent.warnDays, errorDays: noneRecent.errorDays }
      : DEFAULT_SCHEDULE.noneRecent,
    neverRunDays: body.neverRunDays ?? DEFAULT_SCHEDULE.neverRunDays,
    stalledHours: body.stalledHours ?? DEFAULT_SCHEDULE.stalledHours,
    jobs: Object.fromEntries((body.jobs ?? []).map((job) => [job.id, jobScheduleOf(job)])),
  };
}

/** Why a body of the right shape is refused; empty if it is not. */
export function scheduleRefusals(body: ScheduleIn, jobIds: ReadonlySet<string>): ProblemError[] {
  const jobs = body.jobs ?? [];
  return [
    ...timesRefusals(body, ''),
    ...daysRefusals(body),
    ...jobs.flatMap((job, index) => [
      ...timesRefusals(job, `/jobs/${index}`),
      ...idRefusals(job, index, jobs, jobIds),
    ]),
  ];
}

function timesRefusals({ mode, times }: Pick<JobScheduleIn, 'mode' | 'times'>, at: string): ProblemError[] {
  const pointer = `${at}/times`;
  if (mode !== 'set') return times ? [{ pointer, detail: 'belongs to mode `set`', rule: 'absent' }] : [];
  const { weekly, everyHours } = times ?? {};
  if ((weekly ?? null) === null && (everyHours ?? null) === null)
    return [{ pointer, detail: 'is needed with mode `set`: weekly or everyHours', rule: 'required' }];
  if (weekly && everyHours)
    return [{ pointer, detail: 'must be weekly or everyHours, not both', rule: 'oneOf' }];
  if (weekly && !isTimeZone(weekly.timeZone))
    return [
      {
        pointer: `${pointer}/weekly/timeZone`,
        detail: 'must be a time zone such as Europe/Berlin',
        rule: 'timeZone',
      },
    ];
  return [];
}

function daysRefusals({ noneRecent }: ScheduleIn): ProblemError[] {
  if (!noneRecent || noneRecent.errorDays > noneRecent.warnDays) return [];
  return [{ pointer: '/noneRecent/errorDays', detail: 'must be more than warnDays', rule: 'after' }];
}

function idRefusals(
  { id }: JobScheduleIn,
  index: number,
  jobs: readonly JobScheduleIn[],
  jobIds: ReadonlySet<string>,
): ProblemError[] {
  const pointer = `/jobs/${index}/id`;
  if (!jobIds.has(id)) return [{ pointer, detail: 'is no job of this account', rule: 'known' }];
  if (jobs.findIndex((job) => job.id === id) < index)
    return [{ pointer, detail: 'stands here twice', rule: 'unique' }];
  return [];
}
