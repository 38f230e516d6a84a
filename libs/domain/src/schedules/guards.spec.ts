import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  HOLD_MS, holdAt, holdFrom, isHolding, isTooMany, letOut, type Outage, outageAt, PARTNER_BRAKE, PLATFORM_BRAKE, RELEASE_MS, swallowedUntil,
} from './guards.js'; // prettier-ignore

const MINUTE_MS = 60_000;
const due = (expectedMs: number, dueMs: number) => ({ type: 'backup.missed', severity: 'ERROR', expectedMs, dueMs }) as const; // prettier-ignore

describe('the beat of the way in', () => {
  it.each<[string, number, boolean, Outage | null]>([
    ['on time', 5000, false, null],
    ['a little late', 15_000, false, null],
    ['after a pause', 15_001, false, { fromMs: 0, toMs: 15_001 }],
    ['three hours later', 10_800_000, false, { fromMs: 0, toMs: 10_800_000 }],
    ['on time, though reports were sent away', 5000, true, { fromMs: 0, toMs: 5000 }],
    ['of a clock that was put back', -3_600_000, false, null],
  ])('%s', (_what, nowMs, hasRefused, expected) => expect(outageAt(0, nowMs, hasRefused)).toEqual(expected));
});

describe('an outage', () => {
  it.each<[string, Outage, number | null]>([
    ['before it was expected', { fromMs: 0, toMs: 100 }, null],
    ['when it was expected', { fromMs: 50, toMs: 150 }, 150],
    ['while it might have come', { fromMs: 110, toMs: 120 }, 120],
    ['at the end', { fromMs: 190, toMs: 300 }, 300],
    ['afterwards', { fromMs: 200, toMs: 300 }, null],
    ['all the time', { fromMs: 0, toMs: 900 }, 900],
  ])('%s', (_what, outage, expected) => expect(swallowedUntil(due(100, 200), [outage])).toBe(expected));

  it('that swallowed a report is never before the report was expected', () => {
    const ms = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(ms, ms, ms, ms, (a, b, c, d) => {
        const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
        const [expectedMs, dueMs] = [Math.min(c, d), Math.max(c, d)];
        const until = swallowedUntil(due(expectedMs, dueMs), [{ fromMs, toMs }]);
        if (until !== null) expect(until).toBeGreaterThan(expectedMs);
        else expect(toMs <= expectedMs || fromMs >= dueMs).toBe(true);
      }),
    );
  });
});

describe('so many alarms at once', () => {
  it.each([
    [10, 20, PARTNER_BRAKE, false],
    [11, 20, PARTNER_BRAKE, true],
    [50, 1000, PARTNER_BRAKE, false],
    [51, 1000, PARTNER_BRAKE, true],
    [50, 100, PLATFORM_BRAKE, false],
    [10_000, 1_000_000, PLATFORM_BRAKE, false],
    [10_001, 1_000_000, PLATFORM_BRAKE, true],
  ])('%i of %i are too many by %j: %s', (alarms, watched, limits, expected) =>
    expect(isTooMany(alarms, watched, limits)).toBe(expected),
  );

  it('are held for half an hour, let out for an hour, and then counted again', () => {
    const hold = holdFrom(0);
    expect(isHolding(hold, HOLD_MS - 1)).toBe(true);
    expect(isHolding(hold, HOLD_MS)).toBe(false);
    expect(holdAt(hold, HOLD_MS + RELEASE_MS - 1, [])).toBe(hold);
    expect(holdAt(hold, HOLD_MS + RELEASE_MS, [])).toBeNull();
  });

  it('are held on while the way in was not sound meanwhile', () => {
    const outage = { fromMs: 10 * MINUTE_MS, toMs: 12 * MINUTE_MS };
    const on = holdAt(holdFrom(0), HOLD_MS, [outage]);
    expect(on).toEqual({ heldMs: HOLD_MS, releasesMs: 2 * HOLD_MS, endsMs: 2 * HOLD_MS + RELEASE_MS });
    expect(on && holdAt(on, 2 * HOLD_MS, [outage])).toBe(on);
  });

  it('are let out by somebody whatever was lost before, and not while reports are being lost', () => {
    const nowMs = 20 * MINUTE_MS;
    const hold = letOut(nowMs);
    expect(isHolding(hold, nowMs)).toBe(false);
    expect(holdAt(hold, nowMs, [{ fromMs: 10 * MINUTE_MS, toMs: nowMs }])).toBe(hold);
    expect(holdAt(hold, nowMs + RELEASE_MS, [])).toBeNull();
    const lasting = { fromMs: 10 * MINUTE_MS, toMs: nowMs + MINUTE_MS };
    expect(holdAt(hold, nowMs + MINUTE_MS, [lasting])).toEqual(holdFrom(nowMs + MINUTE_MS, nowMs));
  });
});
