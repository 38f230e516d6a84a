import { describe, expect, it } from '@jest/globals';
import { inTime } from './in-time.js';

const never = new Promise<string>(() => undefined);

describe('what a report must know first', () => {
  it('is answered as it comes', async () => {
    await expect(inTime(Promise.resolve('known'), 50)).resolves.toBe('known');
    await expect(inTime(Promise.reject(new Error('no')), 50)).rejects.toThrow('no');
  });

  it('is not waited for when the store does not answer: the agent is to come back (row 9)', async () => {
    await expect(inTime(never, 20)).rejects.toMatchObject({ status: 503 });
  });
});
