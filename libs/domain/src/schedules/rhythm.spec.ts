import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterBeat, firstBeat, learnedFrom, type Rhythm } from './rhythm.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START = Date.UTC(2026, 5, 1);

/** The hours of a week at which a job runs. */
function* runsOf(hours: readonly number[], weeks: number): Generator<number> {
  for (let week = 0; week < weeks; week += 1)
    for (const hour of hours) yield START + week * 7 * DAY_MS + hour * HOUR_MS;
}

const rhythmOf = (times: Iterable<number>): Rhythm => {
  const [first = 0, ...rest] = [...times];
  return rest.reduce((rhythm, ms) => afterBeat(rhythm, ms, false), firstBeat(first));
};
const nightly = (days: number[]): number[] => days.map((day) => day * 24 + 22);
const hoursAfter = (rhythm: Rhythm, seenMs = rhythm.lastMs): number | null => {
  const learned = learnedFrom(rhythm, seenMs);
  return learned && (learned.expectedMs - seenMs) / HOUR_MS;
};

describe('what is learned from when results came', () => {
  it.each<[string, number[], number, number | null]>([
    ['nothing from a first week', nightly([0, 1, 2, 3, 4, 5, 6]), 1, null],
    ['a day, from nine of them', nightly([0, 1, 2, 3, 4, 5, 6]), 1.4, 24],
    ['Monday after Friday', nightly([0, 1, 2, 3, 4]), 3, 72],
    ['a week, from six of them', [30], 6, 168],
    ['nothing from three weeks of one run each', [30], 3, null],
    [
      'three times on workdays',
      [0, 1, 2, 3, 4].flatMap((day) => [6, 12, 18].map((h) => day * 24 + h)),
      3,
      60,
    ],
  ])('%s', (_what, hours, weeks, expected) => {
    const whole = [...runsOf(hours, Math.ceil(weeks))];
    const times = whole.slice(0, Math.round(hours.length * weeks));
    expect(hoursAfter(rhythmOf(times))).toBe(expected);
  });

  it('an hour by day and a long pause by night: the longest pause counts', () => {
    const days = [0, 1, 2, 3, 4, 5, 6].flatMap((day) =>
      Array.from({ length: 10 }, (_, hour) => day * 24 + 8 + hour),
    );
    const rhythm = rhythmOf(runsOf(days, 3));
    expect(learnedFrom(rhythm, rhythm.lastMs)).toMatchObject({ kind: 'steady', medianMs: HOUR_MS });
    expect(hoursAfter(rhythm)).toBe(15);
  });

  it('nothing from runs by hand, which have no rhythm', () => {
    const hours = [3, 40, 44, 45, 90, 91, 130, 166, 200, 201, 290, 291, 292, 400];
    expect(hoursAfter(rhythmOf(hours.map((hour) => START + hour * HOUR_MS)))).toBeNull();
  });

  it('nothing from a gap in which a run was missed', () => {
    const before = rhythmOf(runsOf(nightly([0, 1, 2, 3, 4, 5, 6]), 2));
    const missed = afterBeat(before, before.lastMs + 2 * DAY_MS, true);
    expect(hoursAfter(missed)).toBe(24);
    expect(hoursAfter(afterBeat(before, before.lastMs + 2 * DAY_MS, false))).toBe(48);
  });

  it('nothing from a retry, or from what came before', () => {
    const rhythm = rhythmOf(runsOf(nightly([0, 1]), 1));
    expect(afterBeat(rhythm, rhythm.lastMs + 2 * MINUTE_MS, false)).toBe(rhythm);
    expect(afterBeat(rhythm, rhythm.lastMs - DAY_MS, false)).toBe(rhythm);
  });

  it('never calls a job missed that keeps to its plan of the week, whatever the plan, within an hour or so', () => {
    const plan = fc.uniqueArray(fc.integer({ min: 0, max: 167 }), { minLength: 1, maxLength: 40 });
    const jitter = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 97, maxLength: 97 });
    fc.assert(
      fc.property(plan, jitter, (hours, minutes) => {
        const sorted = [...hours].sort((a, b) => a - b);
        const times = [...runsOf(sorted, 6)].map((ms, i) => ms + (minutes[i % 97] ?? 0) * MINUTE_MS);
        let rhythm = firstBeat(times[0] ?? 0);
        for (const ms of times.slice(1)) {
          const learned = learnedFrom(rhythm, rhythm.lastMs);
          // 6 hours of grace.
          if (learned && ms > learned.expectedMs + 6 * HOUR_MS)
            throw new Error(`${new Date(ms).toISOString()} after ${learned.kind} ${new Date(learned.expectedMs).toISOString()}`); // prettier-ignore
          rhythm = afterBeat(rhythm, ms, false);
        }
      }),
      { numRuns: 200 },
    );
  });
});
