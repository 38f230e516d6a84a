import { minutesOf, type WallTime, wallTimeOf, type Weekday, WEEKDAYS } from '@backhaul/domain';

/** A time of the week by the clock on the wall of a place. */
export interface Weekly {
  /** The days on which it begins. */
  days: readonly Weekday[];
  /** `HH:MM`. */
  from: string;
  /** `HH:MM` up to `24:00`; at or before `from`, it is that of the day after. */
  to: string;
  /** An IANA name such as `Europe/Berlin`. */
  timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Minutes until it ends, by the clock on the wall; null while it is not that time. */
function minutesLeft({ days, from, to }: Weekly, { day, minute }: WallTime): number | null {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const isOvernight = end <= start;
  if (isOvernight && minute < end) return days.includes(dayBefore(day)) ? end - minute : null;
  if (minute < start || (!isOvernight && minute >= end) || !days.includes(weekday(day))) return null;
  return isOvernight ? end + DAY_MINUTES - minute : end - minute;
}

const weekday = (day: number): Weekday => WEEKDAYS[day % 7] as Weekday;
const dayBefore = (day: number): Weekday => weekday(day + 6);

/**
 * When the time of the week that holds at `atMs` ends, in milliseconds since 1970; null while it is not that time. It is
 * that time when the clock on the wall says so: an hour that is left out is missed, one that comes twice counts twice.
 */
export function weeklyUntil(weekly: Weekly, atMs: number): number | null {
  const left = minutesLeft(weekly, wallTimeOf(weekly.timeZone, atMs));
  if (left === null) return null;
  const untilMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
  // Where the clock was put on or back in between, the wall shows another time then.
  const { minute } = wallTimeOf(weekly.timeZone, untilMs);
  const off = ((minute - minutesOf(weekly.to) + 1.5 * DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2;
  const corrected = untilMs - off * MINUTE_MS;
  // An end that the clock leaves out is passed by.
  return corrected > atMs && minutesLeft(weekly, wallTimeOf(weekly.timeZone, corrected)) === null
    ? corrected
    : untilMs;
}
