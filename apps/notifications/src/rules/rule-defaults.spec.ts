import { describe, expect, it } from '@jest/globals';
import { refusalsOf } from './rule-check.js';
import { defaultsFor } from './rule-defaults.js';
import { RULE_ACTIONS, type RuleAction } from './rule.js';

describe('defaultsFor', () => {
  it.each<[RuleAction, boolean]>([
    ['open_connectwise_ticket', false],
    ['open_autotask_ticket', false],
    ['sync_connectwise', true],
    ['sync_autotask', true],
  ])('%s subscribes to OK events: %s, to the others always (F3, F4, F6)', (action, ok) => {
    expect(defaultsFor(action)).toMatchObject({ action, severities: { ok, warning: true, error: true } });
  });

  it.each(RULE_ACTIONS)(
    '%s takes all event types everywhere, is on, and would be accepted (F5)',
    (action) => {
      const defaults = defaultsFor(action);
      expect(defaults).toMatchObject({ allEventTypes: true, eventTypes: [], enabled: true });
      expect(Object.values(defaults.scope)).toEqual([[], [], []]);
      expect(refusalsOf(defaults)).toEqual([]);
    },
  );
});

describe('refusalsOf', () => {
  const none = { ok: false, warning: false, error: false };
  const some = { ...none, error: true };
  it.each([
    ['no severity (F6)', { severities: none, allEventTypes: true, eventTypes: [] }, ['/severities']],
    [
      'not all types and none listed (F8)',
      { severities: some, allEventTypes: false, eventTypes: [] },
      ['/eventTypes'],
    ],
    ['both', { severities: none, allEventTypes: false, eventTypes: [] }, ['/severities', '/eventTypes']],
  ])('refuses %s', (_what, rule, pointers) => {
    expect(refusalsOf(rule).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('accepts one type', () => {
    expect(refusalsOf({ severities: some, allEventTypes: false, eventTypes: ['disk_usage'] })).toEqual([]);
  });
});
