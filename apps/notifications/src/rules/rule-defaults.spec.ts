import { describe, expect, it } from '@jest/globals';
import { refusalsOf } from './rule-check.js';
import { defaultsFor } from './rule-defaults.js';
import { RULE_ACTIONS, type RuleAction, type RuleSettings } from './rule.js';

const AT_ONCE = {
  action: 'open_connectwise_ticket',
  after: null,
  flapping: null,
  siteOutage: null,
  webhook: null,
} as const;

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
      const webhook = action === 'webhook' ? { url: 'https://hooks.example', disabledReason: null } : null;
      expect(refusalsOf({ ...defaults, webhook })).toEqual([]);
      if (webhook) expect(refusalsOf(defaults)).toMatchObject([{ pointer: '/webhook' }]);
    },
  );
});

describe('refusalsOf', () => {
  const none = { ok: false, warning: false, error: false };
  const some = { ...none, error: true };
  it.each([
    [
      'no severity is chosen (F6, E37)',
      { severities: none, allEventTypes: true, eventTypes: [] },
      ['/severities'],
    ],
    [
      'not all types and none listed (F8)',
      { severities: some, allEventTypes: false, eventTypes: [] },
      ['/eventTypes'],
    ],
    ['both', { severities: none, allEventTypes: false, eventTypes: [] }, ['/severities', '/eventTypes']],
  ])('refuses %s', (_what, rule, pointers) => {
    expect(refusalsOf({ ...AT_ONCE, ...rule }).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it.each<[string, Partial<RuleSettings>, string[]]>([
    ['nothing to wait for', { after: { count: null, minutes: null } }, ['/after']],
    [
      'figures that wait',
      {
        action: 'sync_autotask',
        after: { count: 2, minutes: null },
        flapping: { changes: 3, withinMinutes: 9 },
      },
      ['/after', '/flapping'],
    ],
    ['tickets that wait', { after: { count: null, minutes: 5 } }, []],
  ])('of %s refuses what makes no sense', (_what, over, pointers) => {
    const rule = { ...defaultsFor('open_autotask_ticket'), ...over };
    expect(refusalsOf(rule).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('accepts one type', () => {
    expect(
      refusalsOf({ ...AT_ONCE, severities: some, allEventTypes: false, eventTypes: ['disk_usage'] }),
    ).toEqual([]);
  });
});
