import { describe, expect, it } from '@jest/globals';
import { cutHard, fitSummary } from './summary.js';

describe('the subject of a ticket (D24)', () => {
  it.each([
    ['[BFF] ', 'Backup failed', '[BFF] Backup failed'],
    ['[BFF]', 'Backup failed', '[BFF] Backup failed'],
    ['', 'Backup failed', 'Backup failed'],
    ['   ', ' Backup  failed\n', 'Backup failed'],
    [undefined, 'Backup failed', 'Backup failed'],
    ['[BFF]', '[BFF] Backup failed', '[BFF] Backup failed'],
    ['[BFF]', '', '[BFF]'],
  ])('prefix %j before %j is %j', (prefix, subject, expected) => {
    expect(fitSummary(prefix, subject, 100)).toBe(expected);
  });

  it('cuts at a word and keeps the prefix whole', () => {
    const summary = fitSummary('[BFF]', 'one two three four five', 18);
    expect(summary).toBe('[BFF] one two…');
  });

  it.each([1, 2, 5, 18, 40, 99, 100, 101])('never exceeds %i code units', (max) => {
    for (const subject of ['word '.repeat(60), 'x'.repeat(300), '🎉'.repeat(200), 'ä ö '.repeat(90)]) {
      const summary = fitSummary('[BFF]', subject, max);
      expect(summary.length).toBeLessThanOrEqual(max);
      expect(summary).toBe((summary as string & { toWellFormed(): string }).toWellFormed());
    }
  });

  it('cuts a prefix that alone is too long', () => {
    expect(fitSummary('x'.repeat(200), 'Backup failed', 100)).toBe('x'.repeat(100));
  });

  it('cuts no emoji in two', () => {
    expect(cutHard('ab🎉', 3)).toBe('ab');
    expect(cutHard('ab🎉', 4)).toBe('ab🎉');
  });
});
