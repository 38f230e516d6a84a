import { afterEach, expect, test } from '@jest/globals';
import { runMain } from './run-main.js';

const HALF_A_DAY_MS = 12 * 3_600_000;
const { now } = Date;
afterEach(() => {
  Date.now = now;
});

test.each([HALF_A_DAY_MS, -HALF_A_DAY_MS])(
  'a jump of the machine by %d ms reaches no library',
  async (jump) => {
    let shiftMs = 0;
    Date.now = () => now() + shiftMs;
    await new Promise<void>((done) => runMain(async () => done()));
    shiftMs = jump;
    expect(Math.abs(Date.now() - now())).toBeLessThan(1000);
  },
);
