import { expect, test } from '@jest/globals';
import { traceparent, withTraceparent } from './trace.js';

const STORED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('nothing traced gives null, and work runs all the same', () => {
  expect(traceparent()).toBeNull();
  expect(withTraceparent(null, () => 5)).toBe(5);
});

test.each(['', 'garbage', `${STORED}x`, '00-0-0-01', STORED.replace('00-', 'ff-')])(
  '%p is no trace to go on with',
  (given) => {
    expect(withTraceparent(given, traceparent)).toBeNull();
  },
);
