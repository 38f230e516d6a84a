import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { keepDateNowSteady, setSystemTime, systemClock } from './clock.js';

const HOUR_MS = 3_600_000;
const apart = (): number => Math.abs(systemClock.now().getTime() - Date.now());

describe('the clock of a process', () => {
  afterEach(() => {
    setSystemTime(null);
    jest.useRealTimers();
  });

  it('is that of its machine as long as nobody said otherwise', () => {
    expect(apart()).toBeLessThan(1000);
  });

  it('goes on from the time that it was told, by the stopwatch', () => {
    const ms = Date.parse('2026-11-21T10:00:00Z');
    setSystemTime({ ms, monotonicMs: systemClock.monotonicMs() - 5000 });
    const passed = systemClock.now().getTime() - ms;
    expect(passed).toBeGreaterThanOrEqual(5000);
    expect(passed).toBeLessThan(6000);
  });

  it.each([12, -12])('stays what it is when the machine is put %d hours on', (hours) => {
    const real = Date.now();
    setSystemTime({ ms: real, monotonicMs: systemClock.monotonicMs() });
    jest.useFakeTimers({ now: real + hours * HOUR_MS, doNotFake: ['performance'] });
    expect(new Date().getTime()).toBe(real + hours * HOUR_MS);
    expect(Math.abs(systemClock.now().getTime() - real)).toBeLessThan(1000);
  });
});

describe('what libraries measure time with', () => {
  const { now } = Date;
  afterEach(() => {
    Date.now = now;
  });

  it.each([12, -12])('goes on when the machine is put %d hours on', (hours) => {
    let shiftMs = 0;
    Date.now = () => now() + shiftMs;
    keepDateNowSteady();
    shiftMs = hours * HOUR_MS;
    expect(Math.abs(Date.now() - now())).toBeLessThan(1000);
    expect(Number.isInteger(Date.now())).toBe(true);
  });

  it('never goes back', () => {
    keepDateNowSteady();
    const said = Array.from({ length: 1000 }, () => Date.now());
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(Math.abs(Date.now() - now())).toBeLessThan(1000);
  });
});
