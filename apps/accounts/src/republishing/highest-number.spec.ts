import { expect, it } from '@jest/globals';
import { highestNumber } from './after-restore.handler.js';

it.each([
  [['80202028', '80202030', '80202029'], 80202030],
  [['p:34826', 'q:34827'], 34827],
  [[], 0],
])('of %j is %d', (keys, highest) => {
  expect(highestNumber(keys)).toBe(highest);
});

it('is found among more keys than a call takes arguments', () => {
  const keys = Array.from({ length: 400_000 }, (_, n) => `partner:${n}`);
  expect(highestNumber(keys)).toBe(399_999);
});
