import { describe, expect, it } from '@jest/globals';
import type { AskedEvent, ExplainedAction } from './explanation.types.js';
import { sentencesOf, summaryOf } from './sentences.js';

const EVENT: AskedEvent = {
  eventId: 'e',
  type: 'backup.failed',
  receivedAt: '2026-11-20T02:00:00.000Z',
  tenant: { brandId: null, customerId: 34826, accountNo: 80202028 },
  outcome: { severity: 'ERROR', phase: 'finished', dryRun: false },
  state: 'processed',
  actions: [],
};
const action = (over: Partial<ExplainedAction>): ExplainedAction => ({
  ruleId: 'r',
  ruleName: 'Failures',
  action: 'open_connectwise_ticket',
  state: 'done',
  reason: null,
  message: null,
  at: '2026-11-20T02:00:01.000Z',
  ...over,
});
const WAIT = {
  provider: 'connectwise',
  laneId: 'l',
  waiting: 1,
  waitingSince: '2026-11-20T02:00:01.000Z',
  kind: 'breaker',
  field: null,
  text: 'The PSA does not answer.',
  until: null,
};

describe('an explanation in one sentence', () => {
  it.each<[string, Partial<AskedEvent>, string]>([
    [
      'a ticket',
      { actions: [action({ provider: 'connectwise', reason: 'opened', ticketNumber: '1003' })] },
      'Ticketed by the rule “Failures”: ticket 1003 of ConnectWise (opened).',
    ],
    ['no rule', {}, 'Not ticketed: no rule that opens tickets matched it.'],
    ['nobody has looked', { state: 'accepted' }, 'Not ticketed yet: the rules have not spoken of it.'],
    [
      'a queue of one',
      { actions: [action({ state: 'pending' })] },
      'Not ticketed yet. The PSA does not answer.',
    ],
    [
      'a refusal',
      { actions: [action({ state: 'failed', reason: 'unmapped_customer', message: 'Map it.' })] },
      'Not ticketed: Map it.',
    ],
    ['left out', { actions: [action({ state: 'skipped', reason: 'late' })] }, 'Not ticketed: late'],
    [
      'only a sync',
      { actions: [action({ action: 'sync_connectwise', state: 'pending' })] },
      'Not ticketed: no rule that opens tickets matched it.',
    ],
    [
      'no account',
      { tenant: { brandId: null, customerId: null, accountNo: null } },
      'Not ticketed. It belongs to no account yet: assign it, and the rules act on it.',
    ],
    [
      'a dry run',
      { outcome: { severity: 'ERROR', phase: 'finished', dryRun: true } },
      'Not ticketed. It was a dry run, which starts nothing.',
    ],
  ])('%s', (_what, over, expected) => {
    expect(summaryOf({ event: { ...EVENT, ...over }, waits: [WAIT] })).toBe(expected);
  });
});

it('tells what happened in order, down to what the PSA still waits for', () => {
  const event = { ...EVENT, actions: [action({ state: 'pending' })] };
  const incident = {
    ...{ provider: 'connectwise', id: 'i', state: 'open', isOpenedByIt: true, ticket: null },
    ...{ entries: [], commands: [] },
  };
  const said = sentencesOf({
    event,
    rules: { matching: 1, others: 2 },
    incidents: [incident],
    waits: [WAIT],
  });
  expect(said).toEqual([
    'backup.failed (ERROR) arrived at 2026-11-20T02:00:00.000Z for account 80202028.',
    'As they read now, 1 rule matches it and 2 rules do not.',
    'The action open_connectwise_ticket, asked for by the rule “Failures”, is under way.',
    'It opened the problem i at ConnectWise, which has no ticket yet; the problem is open.',
    'Work for ConnectWise waits since 2026-11-20T02:00:01.000Z: The PSA does not answer.',
  ]);
});
