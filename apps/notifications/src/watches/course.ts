const MINUTE_MS = 60_000;
/** More changes than any rule may ask for need not be remembered. */
export const MOST_CHANGES = 50;

/** When a rule asks for a ticket; each null: at once. */
export interface RaiseOptions {
  /** After so many failures in a row, or once the problem lasted so long: whichever comes first. */
  after: { count: number | null; minutes: number | null } | null;
  /** Not while it broke and healed so many times within so long. */
  flapping: { changes: number; withinMinutes: number } | null;
}

/** How one problem went, as one rule saw it. Times are those of receipt, in milliseconds since 1970. */
export interface Course {
  /** In a row; 0 while it is well. */
  failures: number;
  /** The first failure of the row; null while it is well. */
  sinceMs: number | null;
  /** When it broke or healed, oldest first. */
  changesMs: readonly number[];
}

export interface Hold {
  reason: 'not_yet' | 'flapping';
  message: string;
  /** When to look again though nothing happens; null: the next failure decides. */
  untilMs: number | null;
}

export const UNKNOWN_COURSE: Course = { failures: 0, sinceMs: null, changesMs: [] };

export const needsCourse = ({ after, flapping }: RaiseOptions): boolean =>
  after !== null || flapping !== null;

export function afterFailure(course: Course, atMs: number): Course {
  const isChange = course.sinceMs === null;
  return {
    failures: course.failures + 1,
    sinceMs: course.sinceMs ?? atMs,
    changesMs: isChange ? changed(course, atMs) : course.changesMs,
  };
}

export function afterSuccess(course: Course, atMs: number): Course {
  if (course.sinceMs === null) return course;
  return { failures: 0, sinceMs: null, changesMs: changed(course, atMs) };
}

const changed = ({ changesMs }: Course, atMs: number): number[] => [...changesMs, atMs].slice(-MOST_CHANGES);

/** Why a problem that stands gets no ticket at `atMs`; null: it gets one. */
export function holdOf(options: RaiseOptions, course: Course, atMs: number): Hold | null {
  return flappingHold(options.flapping, course, atMs) ?? notYet(options.after, course, atMs);
}

function flappingHold(flapping: RaiseOptions['flapping'], { changesMs }: Course, atMs: number): Hold | null {
  if (flapping === null) return null;
  const { changes, withinMinutes } = flapping;
  const recent = changesMs.filter((changeMs) => changeMs > atMs - withinMinutes * MINUTE_MS);
  // It has settled once so many of them are long past that fewer than `changes` are left.
  const last = recent[recent.length - changes];
  if (last === undefined) return null;
  const message = `It broke and healed ${recent.length} times within ${withinMinutes} minutes; a ticket waits until it settles.`;
  return { reason: 'flapping', message, untilMs: last + withinMinutes * MINUTE_MS };
}

function notYet(after: RaiseOptions['after'], { failures, sinceMs }: Course, atMs: number): Hold | null {
  if (after === null || sinceMs === null) return null;
  const { count, minutes } = after;
  const untilMs = minutes === null ? null : sinceMs + minutes * MINUTE_MS;
  if (count !== null && failures >= count) return null;
  if (untilMs !== null && atMs >= untilMs) return null;
  const waits = [
    ...(count === null ? [] : [`failure ${failures} of ${count} in a row`]),
    ...(untilMs === null
      ? []
      : [`a ticket is opened if it still stands at ${new Date(untilMs).toISOString()}`]),
  ];
  return { reason: 'not_yet', message: `Not yet: ${waits.join('; ')}.`, untilMs };
}
