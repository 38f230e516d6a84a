import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WEEKDAYS } from '@backhaul/domain';
import { type Weekly, weeklyUntil } from './weekly.js';

const berlin = (from: string, to: string, ...days: Weekly['days'][number][]): Weekly => ({
  days,
  from,
  to,
  timeZone: 'Europe/Berlin',
});
const until = (weekly: Weekly, at: string): string | null => {
  const untilMs = weeklyUntil(weekly, Date.parse(at));
  return untilMs === null ? null : new Date(untilMs).toISOString();
};

describe('a time of the week', () => {
  it.each<[string, Weekly, string, string | null]>([
    ['holds from its beginning', berlin('22:00', '23:30', 'sat'), '2026-11-21T21:00:00Z', '2026-11-21T22:30:00.000Z'],
    ['not a moment before', berlin('22:00', '23:30', 'sat'), '2026-11-21T20:59:59.999Z', null],
    ['not at its end', berlin('22:00', '23:30', 'sat'), '2026-11-21T22:30:00Z', null],
    ['not on another day', berlin('22:00', '23:30', 'fri'), '2026-11-21T21:30:00Z', null],
    ['goes on past midnight', berlin('22:00', '04:00', 'sat'), '2026-11-21T21:30:00Z', '2026-11-22T03:00:00.000Z'],
    ['holds on the morning after', berlin('22:00', '04:00', 'sat'), '2026-11-22T02:59:59.999Z', '2026-11-22T03:00:00.000Z'],
    ['not on the morning before', berlin('22:00', '04:00', 'sat'), '2026-11-21T02:00:00Z', null],
    ['is a whole day', berlin('00:00', '24:00', 'sun'), '2026-11-21T23:00:00Z', '2026-11-22T23:00:00.000Z'],
    ['is an hour shorter when the clock is put on', berlin('22:00', '06:00', 'sat'), '2026-03-28T21:00:00Z', '2026-03-29T04:00:00.000Z'],
    ['is an hour longer when it is put back', berlin('22:00', '06:00', 'sat'), '2026-10-24T20:00:00Z', '2026-10-25T05:00:00.000Z'],
    ['is missed where the clock leaves it out', berlin('02:15', '02:45', 'sun'), '2026-03-29T01:00:00Z', null],
    ['begins late where the clock leaves its beginning out', berlin('02:30', '05:00', 'sun'), '2026-03-29T01:00:00Z', '2026-03-29T03:00:00.000Z'],
    ['comes twice with an hour that does', berlin('02:00', '02:30', 'sun'), '2026-10-25T00:15:00Z', '2026-10-25T00:30:00.000Z'],
    ['comes again', berlin('02:00', '02:30', 'sun'), '2026-10-25T01:15:00Z', '2026-10-25T01:30:00.000Z'],
    ['knows zones of half an hour', { ...berlin('09:00', '10:00', 'mon'), timeZone: 'Asia/Kolkata' }, '2026-11-23T03:30:00Z', '2026-11-23T04:30:00.000Z'],
  ])('%s', (_what, weekly, at, expected) => expect(until(weekly, at)).toBe(expected)); // prettier-ignore

  it('ends after now, and the wall shows its end then but where the clock was changed', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    const atMs = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(time, time, zone, atMs, (from, to, timeZone, at) => {
        const end = weeklyUntil({ days: [...WEEKDAYS], from, to, timeZone }, at);
        if (end === null) return;
        expect(end).toBeGreaterThan(at);
        expect(end - at).toBeLessThanOrEqual(25 * 60 * 60 * 1000);
      }),
      { numRuns: 2000 },
    );
  });
});
