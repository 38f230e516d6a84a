import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isConclusive,
  isLate,
  type OrderedResult,
  STATUSES,
  TIME_IN_FUTURE,
  watermarkAfter,
} from './index.js';
import type { Status } from './index.js';
import { resultOf, type ResultIn } from './testing/result.js';

const TWO = '2026-11-20T02:00:00.000Z';
const THREE = '2026-11-20T03:00:00.000Z';
const at = (occurredAt: string, status: Status): OrderedResult => ({ occurredAt, status, conclusive: true });

describe('isLate', () => {
  it.each<[string, Status, string | null, boolean]>([
    [TWO, 'success', null, false],
    [THREE, 'success', TWO, false],
    [TWO, 'success', THREE, true],
    [TWO, 'success', TWO, true],
    [TWO, 'success_with_warnings', TWO, true],
    [TWO, 'failed', TWO, false],
    [TWO, 'failed', THREE, true],
    [THREE, 'failed', TWO, false],
  ])('at %s a %s after %s is late: %s (F33)', (time, status, newest, late) => {
    expect(isLate(at(time, status), newest)).toBe(late);
  });

  it('compares times, not their spelling', () => {
    expect(isLate(at('2026-11-20T02:00:00Z', 'success'), '2026-11-20T02:00:00.000Z')).toBe(true);
  });

  it('ends in the state of the newest result, a failure winning a tie, in whichever order they arrive', () => {
    const result = fc.record({
      occurredAt: fc.constantFrom(TWO, THREE, '2026-11-20T04:00:00.000Z'),
      status: fc.constantFrom<Status>('success', 'failed'),
      conclusive: fc.constant(true),
    });
    fc.assert(
      fc.property(fc.array(result, { minLength: 1, maxLength: 8 }), (results) => {
        let newest: string | null = null;
        let state: Status | null = null;
        for (const one of results) {
          if (!isLate(one, newest)) state = one.status;
          newest = watermarkAfter(one, newest);
        }
        const last = results
          .map((one) => one.occurredAt)
          .sort()
          .at(-1);
        const atLast = results.filter((one) => one.occurredAt === last);
        expect(state).toBe(atLast.some((one) => one.status === 'failed') ? 'failed' : 'success');
      }),
    );
  });
});

describe('isConclusive', () => {
  it.each<[string, ResultIn, string[], boolean]>([
    ['a finished failure', { status: 'failed' }, [], true],
    ['a finished success', { status: 'success' }, [], true],
    ['a cancelled run', { status: 'cancelled' }, [], true],
    ['an unreadable report', { status: 'unknown' }, [], false],
    ['a run that goes on', { status: 'running', phase: 'progress' }, [], false],
    ['a missed run seen from outside', { status: 'missed', phase: 'observed' }, [], false],
    ['a result from the future', { status: 'success' }, [TIME_IN_FUTURE], false],
  ])('%s', (_what, result, flags, conclusive) => {
    expect(isConclusive({ outcome: resultOf(result).outcome, flags })).toBe(conclusive);
  });

  it('is never said of a dry run', () => {
    const { outcome } = resultOf({ status: 'success' });
    expect(isConclusive({ outcome: { ...outcome, dryRun: true }, flags: [] })).toBe(false);
  });
});

describe('watermarkAfter', () => {
  it('never goes back, and ignores what is inconclusive', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(TWO, THREE),
        fc.constantFrom(...STATUSES),
        fc.boolean(),
        (time, status, conclusive) => {
          const after = watermarkAfter({ occurredAt: time, status, conclusive }, TWO);
          expect(after).toBe(conclusive ? time : TWO);
        },
      ),
    );
    expect(watermarkAfter(at(TWO, 'failed'), THREE)).toBe(THREE);
    expect(watermarkAfter({ ...at(TWO, 'failed'), conclusive: false }, null)).toBeNull();
  });
});
