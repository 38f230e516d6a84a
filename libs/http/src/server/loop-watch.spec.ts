import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LoopWatch } from './loop-watch.js';

let nowMs = 0;
let watch: LoopWatch;
beforeEach(() => {
  nowMs = 0;
  watch = new LoopWatch(() => nowMs);
  watch.start();
});
afterEach(() => watch.stop());

const pass = (ms: number): void => {
  for (const end = nowMs + ms; nowMs < end; nowMs += 500) watch.look();
};

test('a process that goes on is ready', async () => {
  pass(60_000);
  nowMs += 2000;
  await expect(watch.check()).resolves.toBeUndefined();
});

test('one that stood still is not, from the first question on, until it has gone on for a while', async () => {
  nowMs += 5000;
  await expect(watch.check()).rejects.toThrow('stood still');
  pass(4500);
  await expect(watch.check()).rejects.toThrow('stood still');
  pass(1000);
  await expect(watch.check()).resolves.toBeUndefined();
});
