import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instantOf, isTimeZone, minutesOf, wallTimeOf } from './wall-clock.js';

const at = (timeZone: string, date: string, time: string): string =>
  new Date(instantOf(timeZone, Date.parse(`${date}T00:00:00Z`), minutesOf(time))).toISOString();

describe('the clock on the wall', () => {
  it.each([
    ['in winter', 'Europe/Berlin', '2026-01-15', '22:00', '2026-01-15T21:00:00.000Z'],
    ['in summer', 'Europe/Berlin', '2026-07-15', '22:00', '2026-07-15T20:00:00.000Z'],
    ['before the hour that is left out', 'Europe/Berlin', '2026-03-29', '01:59', '2026-03-29T00:59:00.000Z'],
    ['left out: as much later as the clock was put on', 'Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:30:00.000Z'],
    ['after the hour that is left out', 'Europe/Berlin', '2026-03-29', '03:00', '2026-03-29T01:00:00.000Z'],
    ['the first of the two', 'Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    ['after the hour that comes twice', 'Europe/Berlin', '2026-10-25', '03:00', '2026-10-25T02:00:00.000Z'],
    ['midnight at the end of a day of 25 hours', 'Europe/Berlin', '2026-10-26', '00:00', '2026-10-25T23:00:00.000Z'],
    ['left out in New York', 'America/New_York', '2026-03-08', '02:30', '2026-03-08T07:30:00.000Z'],
    ['the first of two in New York', 'America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30:00.000Z'],
    ['half an hour left out', 'Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:45:00.000Z'],
    ['half an hour twice', 'Australia/Lord_Howe', '2026-04-05', '01:45', '2026-04-04T14:45:00.000Z'],
    ['midnight left out', 'Africa/Cairo', '2026-04-24', '00:30', '2026-04-23T22:30:00.000Z'],
    ['far ahead of UTC', 'Pacific/Kiritimati', '2026-12-31', '23:59', '2026-12-31T09:59:00.000Z'],
    ['far behind UTC', 'Pacific/Pago_Pago', '2026-12-31', '23:59', '2027-01-01T10:59:00.000Z'],
    ['at the end of a year', 'Asia/Kolkata', '2027-01-01', '00:00', '2026-12-31T18:30:00.000Z'],
    ['on a leap day', 'Europe/Berlin', '2028-02-29', '12:00', '2028-02-29T11:00:00.000Z'],
  ])('tells when it shows a time: %s', (_what, zone, date, time, expected) =>
    expect(at(zone, date, time)).toBe(expected),
  ); // prettier-ignore

  it('shows the time again at the instant it tells, wherever that time exists', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'UTC',
    );
    const ms = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) });
    fc.assert(
      fc.property(zone, ms, (timeZone, anyMs) => {
        const wall = wallTimeOf(timeZone, anyMs);
        const told = instantOf(timeZone, wall.dateMs, wall.minute);
        expect(wallTimeOf(timeZone, told)).toEqual(wall);
        expect(told).toBeLessThanOrEqual(anyMs);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Europe/Atlantis', false],
    ['+01:00', false],
    ['', false],
  ])('takes %s for a time zone: %s', (name, expected) => expect(isTimeZone(name)).toBe(expected));
});
