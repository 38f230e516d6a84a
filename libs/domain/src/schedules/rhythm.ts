const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Runs closer together are one run and its retries. */
const SHORTEST_MIN = 5;
const MOST_GAPS = 32;
const FEWEST_GAPS = 4;
/** So that the longest pause of a week has been seen, whatever its plan. */
const LEARNS_AFTER_MS = WEEK_MS + 24 * HOUR_MS;
/** Times that differ by no more are the same time of the week. */
const SAME_MS = 2 * HOUR_MS;
/** Of the gaps, how many must be alike. */
const ALIKE = 0.75;

/** What is remembered of when a job's runs came. */
export interface Rhythm {
  /** The first that was seen; milliseconds since 1970, as all times here. */
  sinceMs: number;
  lastMs: number;
  /** Minutes between runs, the newest last; negative where a run in between was missed. */
  gaps: number[];
  /** The week that `longest` is of, and the longest gap in it and in the one before, in minutes. */
  week: number;
  longest: number;
  longestBefore: number;
}

export interface Learned {
  kind: 'steady' | 'weekly';
  expectedMs: number;
  /** The usual distance. */
  medianMs: number;
  runs: number;
}

const weekOf = (atMs: number): number => Math.floor(atMs / WEEK_MS);

export const firstBeat = (atMs: number): Rhythm => ({
  sinceMs: atMs,
  lastMs: atMs,
  gaps: [],
  week: weekOf(atMs),
  longest: 0,
  longestBefore: 0,
});

/** After another run that saved something. One that is older than the last, or its retry, teaches nothing. */
export function afterBeat(rhythm: Rhythm, atMs: number, wasMissed: boolean): Rhythm {
  const gap = Math.round((atMs - rhythm.lastMs) / MINUTE_MS);
  if (gap < SHORTEST_MIN) return rhythm;
  const gaps = [...rhythm.gaps, wasMissed ? -gap : gap].slice(-MOST_GAPS);
  const learnt = wasMissed ? 0 : gap;
  const week = weekOf(atMs);
  const isSame = week === rhythm.week;
  return {
    sinceMs: rhythm.sinceMs,
    lastMs: atMs,
    gaps,
    week,
    longest: isSame ? Math.max(rhythm.longest, learnt) : learnt,
    longestBefore: isSame ? rhythm.longestBefore : rhythm.longest,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** When the runs were, the newest first. */
function timesOf({ lastMs, gaps }: Rhythm): number[] {
  const times = [lastMs];
  for (const gap of [...gaps].reverse()) times.push((times.at(-1) ?? lastMs) - Math.abs(gap) * MINUTE_MS);
  return times;
}

/** The runs of the last week, if they came at the same times as those of the week before. */
function weeklyPlan(rhythm: Rhythm): number[] | null {
  const times = timesOf(rhythm);
  if (rhythm.lastMs - (times.at(-1) ?? 0) < 2 * WEEK_MS - SAME_MS) return null;
  const has = (ms: number): boolean => times.some((other) => Math.abs(other - ms) <= SAME_MS);
  const cycle = (weeks: number): number[] =>
    times.filter((ms) => Math.floor((rhythm.lastMs - ms + SAME_MS) / WEEK_MS) === weeks);
  const [recent, before] = [cycle(0), cycle(1)];
  const isSame =
    recent.every((ms) => has(ms - WEEK_MS)) && before.every((ms) => has(ms + WEEK_MS)) && recent.length > 1;
  return isSame ? recent : null;
}

function nextOfPlan(plan: readonly number[], seenMs: number): number {
  const next = plan.map(
    (ms) => ms + Math.max(1, Math.floor((seenMs + SAME_MS - ms) / WEEK_MS) + 1) * WEEK_MS,
  );
  return Math.min(...next);
}

/** The longest pause that belongs to the rhythm, in minutes; null where there is no rhythm. */
function longestPause(rhythm: Rhythm, good: readonly number[]): number | null {
  const usual = median(good);
  const alike = good.filter((gap) => Math.abs(gap - usual) <= usual / 4 + 60);
  if (alike.length < good.length * ALIKE) return null;
  return Math.max(rhythm.longest, rhythm.longestBefore, ...good);
}

/**
 * When the next run is expected after one that was seen at `seenMs`; null while too little is known, or the runs have
 * no rhythm. Learning nothing is better than learning wrongly: at least eight days must have been seen, and where the
 * gaps differ, the longest of them counts until two weeks were alike.
 */
export function learnedFrom(rhythm: Rhythm, seenMs: number): Learned | null {
  const good = rhythm.gaps.filter((gap) => gap > 0);
  if (good.length < FEWEST_GAPS || rhythm.lastMs - rhythm.sinceMs < LEARNS_AFTER_MS) return null;
  const known = { medianMs: median(good) * MINUTE_MS, runs: rhythm.gaps.length + 1 };
  const plan = weeklyPlan(rhythm);
  if (plan) return { kind: 'weekly', expectedMs: nextOfPlan(plan, seenMs), ...known };
  const pause = longestPause(rhythm, good);
  return pause === null ? null : { kind: 'steady', expectedMs: seenMs + pause * MINUTE_MS, ...known };
}
