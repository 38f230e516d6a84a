import { expect, it } from '@jest/globals';
import { isWithinWindow } from './window.js';

const LAST = new Date('2026-11-22T00:00:00.000Z');

it.each([
  ['the very moment', '2026-11-22T00:00:00.000Z', true],
  ['F27: 11:59:59.999 later', '2026-11-22T11:59:59.999Z', true],
  ['F27: 12:00:00.000 later', '2026-11-22T12:00:00.000Z', false],
  ['a clock that was put back an hour', '2026-11-21T23:00:00.000Z', true],
  ['a clock that was put back a day', '2026-11-21T00:00:00.000Z', false],
])('%s is within the window: %s', (_what, now, isWithin) => {
  expect(isWithinWindow(LAST, new Date(now))).toBe(isWithin);
});

it('F24: a customer that was never synchronized has no window', () => {
  expect(isWithinWindow(null, LAST)).toBe(false);
});
