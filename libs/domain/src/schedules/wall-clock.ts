export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for a name that is no time zone */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** Names only: an offset such as `+01:00` knows no summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return clockOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** What the clock on the wall of a place shows. */
export interface WallTime {
  /** Of the week; 0 is Sunday. */
  day: number;
  /** Since midnight. */
  minute: number;
  /** The day, as milliseconds of its midnight in UTC. */
  dateMs: number;
}

/** @throws RangeError for a name that is no time zone */
export function wallTimeOf(timeZone: string, atMs: number): WallTime {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    day: WEEKDAYS.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday),
    minute: number('hour') * 60 + number('minute'),
    dateMs: Date.UTC(number('year'), number('month') - 1, number('day')),
  };
}

/** Minutes since midnight of `HH:MM`. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** How far the wall is ahead of UTC. */
function offsetMs(timeZone: string, atMs: number): number {
  const { dateMs, minute } = wallTimeOf(timeZone, atMs);
  return dateMs + minute * MINUTE_MS - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
}

/**
 * When the wall shows that minute of that day (`dateMs` as in `WallTime`), in milliseconds since 1970. Of a time that
 * comes twice the first; a time that the clock leaves out comes as much later as the clock was put on.
 *
 * @throws RangeError for a name that is no time zone
 */
export function instantOf(timeZone: string, dateMs: number, minute: number): number {
  const wallMs = dateMs + minute * MINUTE_MS;
  // No place is further from UTC than 14 hours, so these two are before and after any change of that day.
  const before = offsetMs(timeZone, wallMs - DAY_MS);
  const after = offsetMs(timeZone, wallMs + DAY_MS);
  const shows = (atMs: number): boolean => offsetMs(timeZone, atMs) === wallMs - atMs;
  const right = [wallMs - before, wallMs - after].filter(shows);
  return right.length > 0 ? Math.min(...right) : wallMs - before;
}
