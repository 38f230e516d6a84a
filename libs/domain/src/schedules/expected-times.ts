import type { ExpectedTimes, WeeklyTimes } from './schedule-settings.js';
import { instantOf, minutesOf, wallTimeOf, type Weekday, WEEKDAYS } from './wall-clock.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A clock that is a little fast begins before its time; what ends so shortly before was meant by it. */
const EARLY_MS = HOUR_MS;

/** The first of the times after `afterMs`, in milliseconds since 1970. @throws RangeError without days or times */
export function nextSlot({ days, at, timeZone }: WeeklyTimes, afterMs: number): number {
  const from = wallTimeOf(timeZone, afterMs).dateMs;
  // A day more than a week: today's times may be over. A day before: one that the clock left out may come yet.
  for (let ahead = -1; ahead <= 8; ahead += 1) {
    const dateMs = from + ahead * DAY_MS;
    const weekday = WEEKDAYS[new Date(dateMs).getUTCDay()] as Weekday;
    if (!days.includes(weekday)) continue;
    const instants = at.map((time) => instantOf(timeZone, dateMs, minutesOf(time)));
    const later = instants.filter((instant) => instant > afterMs);
    if (later.length > 0) return Math.min(...later);
  }
  throw new RangeError('A weekly time needs days and times');
}

/** When a run is expected next after one that was seen at `seenMs`. */
export function nextExpected(times: ExpectedTimes, seenMs: number): number {
  if ('everyHours' in times) return seenMs + times.everyHours * HOUR_MS;
  const next = nextSlot(times.weekly, seenMs);
  const following = nextSlot(times.weekly, next);
  const earlyMs = Math.min(EARLY_MS, (following - next) / 2);
  return next - seenMs <= earlyMs ? following : next;
}
