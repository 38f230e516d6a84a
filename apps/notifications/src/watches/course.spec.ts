import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  afterFailure,
  afterSuccess,
  type Course,
  holdOf,
  type RaiseOptions,
  UNKNOWN_COURSE,
} from './course.js';

const MINUTE = 60_000;
const NONE: RaiseOptions = { after: null, flapping: null };
const count = (n: number): RaiseOptions => ({ ...NONE, after: { count: n, minutes: null } });
const minutes = (n: number): RaiseOptions => ({ ...NONE, after: { count: null, minutes: n } });
const flapping = (changes: number, withinMinutes: number): RaiseOptions => ({
  ...NONE,
  flapping: { changes, withinMinutes },
});

/** `F` fails, `.` is well, one each minute from minute 1; answers what each failure meets. */
function course(options: RaiseOptions, steps: string): { holds: (string | null)[]; last: Course } {
  let known = UNKNOWN_COURSE;
  const holds: (string | null)[] = [];
  for (const [index, step] of [...steps].entries()) {
    const atMs = (index + 1) * MINUTE;
    known = step === 'F' ? afterFailure(known, atMs) : afterSuccess(known, atMs);
    if (step === 'F') holds.push(holdOf(options, known, atMs)?.reason ?? null);
  }
  return { holds, last: known };
}

describe('what a rule waits for', () => {
  it.each<[string, RaiseOptions, string, (string | null)[]]>([
    ['nothing', NONE, 'F.F', [null, null]],
    ['three failures in a row', count(3), 'FF.FFFF', ['not_yet', 'not_yet', 'not_yet', 'not_yet', null, null]],
    ['two minutes of it', minutes(2), 'FF.FFF', ['not_yet', 'not_yet', 'not_yet', 'not_yet', null]],
    [
      'either',
      { ...NONE, after: { count: 3, minutes: 1 } },
      'F.FF',
      ['not_yet', 'not_yet', null],
    ],
    ['peace', flapping(3, 60), 'F.F.F', [null, 'flapping', 'flapping']],
    ['fewer changes than would be flapping', flapping(5, 60), 'F.F', [null, null]],
    ['changes that are long past', flapping(3, 5), 'F.......F', [null, null]],
    ['both', { ...count(2), flapping: { changes: 3, withinMinutes: 60 } }, 'F.FF', ['not_yet', 'flapping', 'flapping']],
  ])('%s', (_what, options, steps, expected) => expect(course(options, steps).holds).toEqual(expected)); // prettier-ignore

  it('says when to look again, and asks at that moment', () => {
    const known = afterFailure(UNKNOWN_COURSE, 5 * MINUTE);
    const hold = holdOf(minutes(30), known, 5 * MINUTE);
    expect(hold).toMatchObject({ reason: 'not_yet', untilMs: 35 * MINUTE });
    expect(hold?.message).toContain('1970-01-01T00:35:00.000Z');
    expect(holdOf(minutes(30), known, 35 * MINUTE - 1)).not.toBeNull();
    expect(holdOf(minutes(30), known, 35 * MINUTE)).toBeNull();
    expect(holdOf(count(2), known, 35 * MINUTE)?.untilMs).toBeNull();
  });

  it('settles when so many changes are past that too few are left', () => {
    const { last } = course(flapping(3, 10), 'F.F.F');
    const hold = holdOf(flapping(3, 10), last, 5 * MINUTE);
    // Of changes at minutes 1 to 5, those at 4 and 5 are too few.
    expect(hold).toMatchObject({ reason: 'flapping', untilMs: 13 * MINUTE });
    expect(holdOf(flapping(3, 10), last, 13 * MINUTE)).toBeNull();
  });

  const options = fc.record<RaiseOptions>({
    after: fc.option(
      fc.record({
        count: fc.option(fc.integer({ min: 2, max: 5 })),
        minutes: fc.option(fc.integer({ min: 1, max: 20 })),
      }),
    ),
    flapping: fc.option(
      fc.record({ changes: fc.integer({ min: 3, max: 6 }), withinMinutes: fc.integer({ min: 5, max: 30 }) }),
    ),
  });
  const steps = fc.array(
    fc.record({ isBad: fc.boolean(), waitMs: fc.integer({ min: 1, max: 10 * MINUTE }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );

  it('holds exactly what the whole history says it should (model)', () => {
    fc.assert(
      fc.property(options, steps, (wanted, history) => {
        let known = UNKNOWN_COURSE;
        let atMs = 0;
        const past: { atMs: number; isBad: boolean }[] = [];
        for (const { isBad, waitMs } of history) {
          atMs += waitMs;
          past.push({ atMs, isBad });
          known = isBad ? afterFailure(known, atMs) : afterSuccess(known, atMs);
          if (isBad) expect(holdOf(wanted, known, atMs)?.reason ?? null).toBe(modelOf(wanted, past, atMs));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is not held any more at the time it names, unless something else happens', () => {
    fc.assert(
      fc.property(options, steps, (wanted, history) => {
        let known = UNKNOWN_COURSE;
        let atMs = 0;
        for (const { isBad, waitMs } of history) {
          atMs += waitMs;
          known = isBad ? afterFailure(known, atMs) : afterSuccess(known, atMs);
        }
        // Each reason may give way to the other, but in the end it asks or waits for a failure.
        for (let looks = 0; looks < 5; looks += 1) {
          const hold = holdOf(wanted, known, atMs);
          if (hold === null || hold.untilMs === null) return;
          expect(hold.untilMs).toBeGreaterThan(atMs);
          atMs = hold.untilMs;
        }
        throw new Error('it waits for ever');
      }),
      { numRuns: 1000 },
    );
  });
});

/** The same said of all that ever happened, without a state. */
function modelOf(
  { after, flapping: damping }: RaiseOptions,
  past: readonly { atMs: number; isBad: boolean }[],
  nowMs: number,
): string | null {
  const changes = past.filter(({ isBad }, index) => isBad !== (past[index - 1]?.isBad ?? false));
  if (damping) {
    const recent = changes.filter(({ atMs }) => nowMs - atMs < damping.withinMinutes * MINUTE);
    if (recent.length >= damping.changes) return 'flapping';
  }
  if (!after) return null;
  const lastWell = past.findLastIndex(({ isBad }) => !isBad);
  const row = past.slice(lastWell + 1);
  const isOften = after.count !== null && row.length >= after.count;
  const isLong = after.minutes !== null && nowMs - (row[0]?.atMs ?? nowMs) >= after.minutes * MINUTE;
  return isOften || isLong ? null : 'not_yet';
}
