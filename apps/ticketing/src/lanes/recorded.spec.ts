import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { recorded } from './recorded.js';

Logger.overrideLogger(false);
const away = () => Object.assign(new Error('terminating connection'), { code: '57P01' });

/** Fails with these, one after the other, and then works. */
function writeAfter(errors: Error[]) {
  let tries = 0;
  const write = async (): Promise<string> => {
    tries += 1;
    const error = errors.shift();
    if (error) throw error;
    return 'written';
  };
  return { write, tries: () => tries };
}

describe('what the PSA has answered', () => {
  it('is written again until PostgreSQL is back', async () => {
    const { write, tries } = writeAfter([away(), away()]);
    await expect(recorded(performance.now() + 60_000, write)).resolves.toBe('written');
    expect(tries()).toBe(3);
  });

  it('is given up with the lease, after which another may own the lane', async () => {
    const { write, tries } = writeAfter([away(), away()]);
    await expect(recorded(performance.now(), write)).rejects.toThrow('terminating connection');
    expect(tries()).toBe(1);
  });

  it('is not tried again when the words themselves cannot be written', async () => {
    const { write, tries } = writeAfter([Object.assign(new Error('invalid byte'), { code: '22021' })]);
    await expect(recorded(performance.now() + 60_000, write)).rejects.toThrow('invalid byte');
    expect(tries()).toBe(1);
  });
});
