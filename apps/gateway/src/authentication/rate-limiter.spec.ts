import { expect, test } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';

test('a key spends its burst, then as much a second as it may; another key is not touched', () => {
  let nowMs = 0;
  const limiter = new RateLimiter({ perSecond: 2, burst: 3, nowMs: () => nowMs });
  expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0]);
  expect(limiter.take('a')).toBeGreaterThan(0);
  expect(limiter.take('b')).toBe(0);
  nowMs = 1000;
  expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 0]);
  expect(limiter.take('a')).toBeGreaterThan(0);
});

test('keys that rested are forgotten and start with a full burst', () => {
  let nowMs = 0;
  const limiter = new RateLimiter({ perSecond: 1, burst: 1, nowMs: () => nowMs });
  for (let i = 0; i < 10_000; i += 1) limiter.take(`k${i}`);
  nowMs = 2000;
  limiter.take('one more');
  expect(limiter.take('k1')).toBe(0);
});
