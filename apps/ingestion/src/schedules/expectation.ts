import {
  accountDue, type AccountWatch, type Due, jobDue, type JobWatch, scheduleOfJob, type ScheduleSettings,
} from '@backhaul/domain'; // prettier-ignore
import type { Heard } from './heard.js';

interface Place {
  partnerId: string;
  accountNo: number;
  bucket: number;
  ver: number;
  /** The newest event that this is known from: it names the job. */
  lastEventId: string | null;
  dueMs: number | null;
  /** Since when its alarm is held, as so many came at once; null: none is. */
  heldMs: number | null;
  /** What its reports said last; null for an account as a whole. */
  heard: Heard | null;
}

export interface JobExpectation extends Place {
  kind: 'job';
  /** As in `event.job_hash`, as decimal text. */
  jobHash: string;
  knownSinceMs: number;
  watch: JobWatch;
}

/** The account as a whole. */
export interface AccountExpectation extends Place {
  kind: 'account';
  jobHash: typeof OF_ACCOUNT;
  watch: AccountWatch;
}

/** When somebody is to be told that nothing came: of one job, or of all of an account's. */
export type Expectation = JobExpectation | AccountExpectation;

export const OF_ACCOUNT = '0';

/** How a job is named outside: 16 hexadecimal digits. */
export const jobIdOf = (jobHash: string): string =>
  BigInt.asUintN(64, BigInt(jobHash)).toString(16).padStart(16, '0');

/** What would be raised next. */
export function dueOf(expectation: Expectation, settings: ScheduleSettings): Due | null {
  if (expectation.kind === 'account') return accountDue(expectation.watch, settings);
  return jobDue(expectation.watch, scheduleOfJob(settings, jobIdOf(expectation.jobHash)), settings);
}

/** With its next look by the settings of now. */
export function rescheduled(expectation: Expectation, settings: ScheduleSettings): Expectation {
  return { ...expectation, heldMs: null, dueMs: dueOf(expectation, settings)?.dueMs ?? null };
}
