import { describe, expect, it } from '@jest/globals';
import { type FailureFacts, type FailurePlan, planFailure } from './command-result.js';

const factsOf = (over: Partial<FailureFacts>): FailureFacts => ({
  outcome: 'unknown',
  reason: 'connection_lost',
  retryAfterMs: null,
  command: { kind: 'create', status: 'planned' },
  attempts: 0,
  jitter: 1,
  ...over,
});
const create = { kind: 'create', status: 'planned' } as const;
const doubtful = { kind: 'create', status: 'unknown' } as const;
const note = { kind: 'note', status: 'planned' } as const;
const close = { kind: 'close', status: 'planned' } as const;
const QUARTER = 900_000;

describe('planFailure', () => {
  it.each<[string, Partial<FailureFacts>, Partial<FailurePlan>]>([
    ['what never left is sent again', { outcome: 'not_sent', command: create }, { status: 'planned', delayMs: 1000 }],
    ['what may have arrived is searched for', { outcome: 'unknown', command: create }, { status: 'unknown' }],
    ['a doubt stays a doubt when the next call never left', { outcome: 'not_sent', command: doubtful }, { status: 'unknown' }],
    ['a doubt stays a doubt when the next call is refused', { outcome: 'definitive', command: doubtful }, { status: 'unknown', needsAttention: true }],
    ['a wait is as long as asked, for the whole connection', { outcome: 'retry_after', retryAfterMs: 7000 }, { status: 'planned', delayMs: 7000, pauseMs: 7000 }],
    ['a wait without a figure grows', { outcome: 'retry_after', attempts: 2 }, { pauseMs: 120_000 }],
    ['refused credentials rest the connection for 15 minutes', { outcome: 'credential' }, { status: 'planned', pauseMs: QUARTER, needsAttention: false }],
    ['a refused ticket waits for a person', { outcome: 'definitive', command: create }, { status: 'planned', needsAttention: true }],
    ['a refused note is left out', { outcome: 'definitive', command: note }, { status: 'dead', needsAttention: false }],
    ['a refused closing waits for a person', { outcome: 'definitive', command: close }, { needsAttention: true }],
    ['a ticket that vanished meanwhile is looked at again', { outcome: 'definitive', reason: 'not_found', command: close }, { status: 'planned', needsAttention: false }],
    ['but not for ever', { outcome: 'definitive', reason: 'not_found', command: close, attempts: 3 }, { needsAttention: true }],
  ])('%s', (_what, facts, plan) => {
    expect(planFailure(factsOf(facts))).toMatchObject(plan);
  }); // prettier-ignore

  it('waits longer with each failure, five minutes at most, and never less than half', () => {
    const waits = Array.from({ length: 12 }, (_, attempts) => planFailure(factsOf({ attempts })).delayMs);
    expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(Math.max(...waits)).toBe(300_000);
    expect(planFailure(factsOf({ attempts: 3, jitter: 0 })).delayMs).toBe(4000);
  });
});
