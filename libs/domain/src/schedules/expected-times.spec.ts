import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextExpected, nextSlot } from './expected-times.js';
import type { WeeklyTimes } from './schedule-settings.js';
import { type Weekday, WEEKDAYS } from './wall-clock.js';

const EVERY_DAY = [...WEEKDAYS];
const WORKDAYS: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const berlin = (at: string[], days: Weekday[] = EVERY_DAY): WeeklyTimes => ({
  days,
  at,
  timeZone: 'Europe/Berlin',
});
const next = (times: WeeklyTimes, seen: string): string =>
  new Date(nextExpected({ weekly: times }, Date.parse(seen))).toISOString();

describe('when a run is expected next (2.9, fault rows 45 and 46)', () => {
  it.each<[string, WeeklyTimes, string, string]>([
    ['the same evening', berlin(['22:00']), '2026-11-21T08:00:00Z', '2026-11-21T21:00:00.000Z'],
    ['the next evening, once it ran', berlin(['22:00']), '2026-11-21T21:10:00Z', '2026-11-22T21:00:00.000Z'],
    ['the next evening, as it ran a little early', berlin(['22:00']), '2026-11-21T20:55:00Z', '2026-11-22T21:00:00.000Z'],
    ['on Monday after Friday', berlin(['22:00'], WORKDAYS), '2026-11-20T21:10:00Z', '2026-11-23T21:00:00.000Z'],
    ['a week later', berlin(['03:00'], ['sun']), '2026-11-22T02:30:00Z', '2026-11-29T02:00:00.000Z'],
    ['a day of 23 hours later', berlin(['01:00']), '2026-03-29T00:05:00Z', '2026-03-29T23:00:00.000Z'],
    ['a day of 25 hours later', berlin(['01:00']), '2026-10-24T23:05:00Z', '2026-10-26T00:00:00.000Z'],
    ['when the hour that is left out would be', berlin(['02:30']), '2026-03-28T01:35:00Z', '2026-03-29T01:30:00.000Z'],
    ['once, though the hour comes twice', berlin(['02:30']), '2026-10-25T00:35:00Z', '2026-10-26T01:30:00.000Z'],
    ['once, if it ran in the second of the two', berlin(['02:30']), '2026-10-25T01:35:00Z', '2026-10-26T01:30:00.000Z'],
    ['over the end of the year', berlin(['00:30']), '2026-12-31T12:00:00Z', '2026-12-31T23:30:00.000Z'],
    ['at the next of several times', berlin(['12:00', '06:00', '18:00']), '2026-11-21T05:20:00Z', '2026-11-21T11:00:00.000Z'],
  ])('%s', (_what, times, seen, expected) => expect(next(times, seen)).toBe(expected)); // prettier-ignore

  it('so many hours after the run before, whatever the clock on the wall does', () => {
    expect(nextExpected({ everyHours: 24 }, Date.parse('2026-03-28T20:00:00Z'))).toBe(
      Date.parse('2026-03-29T20:00:00Z'),
    );
  });

  it('always comes, later than the last run and within a week and an hour', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'UTC',
    );
    const time = fc.integer({ min: 0, max: 1439 }).map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`); // prettier-ignore
    const weekly = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
      at: fc.uniqueArray(time, { minLength: 1, maxLength: 6 }),
      timeZone: zone,
    });
    const ms = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) });
    fc.assert(
      fc.property(weekly, ms, (times, seenMs) => {
        const slot = nextSlot(times, seenMs);
        const expected = nextExpected({ weekly: times }, seenMs);
        expect(slot).toBeGreaterThan(seenMs);
        expect(expected).toBeGreaterThanOrEqual(slot);
        expect(expected - seenMs).toBeLessThanOrEqual(7 * 86_400_000 + 2 * 3_600_000);
      }),
      { numRuns: 150 },
    );
  });
});
