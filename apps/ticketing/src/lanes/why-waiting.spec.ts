import { describe, expect, it } from '@jest/globals';
import { type LaneFacts, whyWaiting } from './why-waiting.js';

const WELL: LaneFacts = {
  state: 'ready',
  reason: null,
  waiting: 1,
  isConnected: true,
  breaker: 'closed',
  trouble: null,
  tokens: 20,
  breakerMs: null,
  resumeMs: null,
  nextAttemptMs: -5,
  lastFailure: null,
};

describe('why a lane waits (F37)', () => {
  it.each<[string, Partial<LaneFacts>, object | null]>([
    ['nothing waits', { waiting: 0, state: 'idle' }, null],
    ['its turn comes', {}, { kind: 'turn', goesOnInMs: null }],
    ['at work', { state: 'running' }, { kind: 'working' }],
    [
      'a customer without company',
      { state: 'attention', reason: 'unmapped_customer', lastFailure: 'Map it.' },
      { kind: 'attention', field: 'customer-map/psaCompanyId', text: 'Map it.' },
    ],
    [
      'a reason nobody has a field for',
      { state: 'attention', reason: 'conflict' },
      { kind: 'attention', field: null, text: 'This waits for a person (conflict).' },
    ],
    ['a PSA that is down', { breaker: 'open', breakerMs: 900.2 }, { kind: 'breaker', goesOnInMs: 901 }],
    ['a PSA that is probed', { breaker: 'half_open', breakerMs: -1 }, { kind: 'breaker', goesOnInMs: null }],
    [
      'refused credentials, though the breaker is closed',
      { trouble: 'credential', resumeMs: 5000 },
      { kind: 'credentials', field: 'connection/credentials', goesOnInMs: 5000 },
    ],
    ['a PSA that asked to wait', { trouble: 'rate_limited', resumeMs: 30 }, { kind: 'rate_budget' }],
    ['a budget that is spent', { tokens: 0.4 }, { kind: 'rate_budget', goesOnInMs: null }],
    [
      'a try that failed',
      { nextAttemptMs: 4000, lastFailure: 'No clear answer' },
      { kind: 'retry', text: 'No clear answer', goesOnInMs: 4000 },
    ],
    ['a connection that is gone', { isConnected: false, breaker: null }, { kind: 'not_connected' }],
  ])('%s', (_what, over, expected) => {
    const why = whyWaiting({ ...WELL, ...over });
    if (expected === null) expect(why).toBeNull();
    else expect(why).toMatchObject(expected);
  });
});
