import { describe, expect, it } from '@jest/globals';
import {
  type AccountNo,
  type BrandId,
  type CustomerId,
  EVENT_TYPES,
  type EventType,
  type PartnerId,
} from '@backhaul/domain';
import fc from 'fast-check';
import {
  ACCOUNT,
  BRAND,
  buildKnownEvent,
  buildRule,
  CUSTOMER,
  PARTNER,
  type EventIn,
} from '../testing/builders.js';
import { RuleIndex } from './rule-index.js';
import type { Rule, SeveritySwitches } from './rule.js';

function indexOf(...rules: Rule[]): RuleIndex {
  const index = new RuleIndex();
  for (const partnerId of new Set(rules.map((rule) => rule.partnerId)))
    index.replace(
      partnerId,
      rules.filter((rule) => rule.partnerId === partnerId),
    );
  return index;
}
const matches = (rule: Rule, event: EventIn): boolean =>
  indexOf(rule).matching(buildKnownEvent(event)).length === 1;

describe('RuleIndex', () => {
  const only = (name: keyof SeveritySwitches): SeveritySwitches => ({
    ok: false,
    warning: false,
    error: false,
    [name]: true,
  });
  it.each([
    ['ok', [true, false, false]],
    ['warning', [false, true, false]],
    ['error', [false, false, true]],
  ] as const)('a rule for %s alone takes that severity alone (F6, E38)', (name, expected) => {
    const rule = buildRule({ severities: only(name) });
    const types = ['backup.completed', 'backup.completed_warnings', 'backup.failed'] as const;
    expect(types.map((type) => matches(rule, { type }))).toEqual(expected);
  });

  it('a ticket rule with defaults takes warnings and errors of any type, and no OK event (D41, E39, F7)', () => {
    const taken = EVENT_TYPES.filter((type) => matches(buildRule(), { type, severity: 'ERROR' }));
    expect(taken).toEqual(
      EVENT_TYPES.filter((type) => !type.startsWith('psa.') && !type.startsWith('result.')),
    );
    expect(matches(buildRule(), { type: 'backup.completed' })).toBe(false);
  });

  it('a synchronisation rule never answers what a synchronisation tells (T24)', () => {
    const rule = buildRule({ action: 'sync_connectwise' });
    for (const type of [
      'psa.sync.failed',
      'psa.sync.succeeded',
      'psa.ticket.failed',
      'result.unmatched',
    ] as const)
      expect(matches(rule, { type })).toBe(false);
    expect(matches(rule, { type: 'backup.completed' })).toBe(true);
  });

  it('takes only the listed types where not all are wanted (F8)', () => {
    const rule = buildRule({ allEventTypes: false, eventTypes: ['disk_usage'] });
    expect(matches(rule, { type: 'disk_usage', severity: 'WARNING' })).toBe(true);
    expect(matches(rule, { type: 'backup.failed' })).toBe(false);
  });

  it.each<EventType>([
    'backup.failed',
    'backup.none_recent',
    'disk_usage',
    'archiving.failed',
    'bdr.hardware_failure',
    'backup.completed',
    'service.status_update',
    'account.suspended',
  ])('routes %s (F11)', (type) => {
    expect(matches(buildRule({ action: 'sync_autotask' }), { type })).toBe(true);
  });

  it('acts on all accounts of its partner (F12), and on none of another', () => {
    expect(matches(buildRule(), { accountNo: 80209999, custId: 1, brandId: null })).toBe(true);
    expect(matches(buildRule(), { partnerId: '01920000-0000-7000-8000-000000000002' as PartnerId })).toBe(
      false,
    );
  });

  it.each<[string, Partial<Rule['scope']>]>([
    ['brand', { brandIds: [BRAND] }],
    ['customer', { custIds: [CUSTOMER] }],
    ['account', { accountNos: [ACCOUNT] }],
    ['account, beside a customer elsewhere', { custIds: [1 as CustomerId], accountNos: [ACCOUNT] }],
  ])('with a scope acts on that %s alone', (_what, scope) => {
    const rule = buildRule({ scope });
    expect(matches(rule, {})).toBe(true);
    expect(matches(rule, { brandId: null, custId: 2, accountNo: 80209999 })).toBe(false);
  });

  it('acts once on an event that several of its places hold (F10)', () => {
    const rule = buildRule({
      scope: { brandIds: [BRAND, BRAND], custIds: [CUSTOMER], accountNos: [ACCOUNT] },
    });
    expect(indexOf(rule).matching(buildKnownEvent())).toEqual([rule]);
  });

  it('lets every rule that matches act (F10)', () => {
    const rules = [buildRule(), buildRule(), buildRule({ action: 'open_autotask_ticket' })];
    expect(indexOf(...rules).matching(buildKnownEvent())).toEqual(rules);
  });

  it('takes no event from before the rule was made, and forgives clocks one second (F9)', () => {
    const rule = buildRule({ createdAt: new Date('2026-11-20T12:00:10.000Z') });
    expect(matches(rule, { receivedAt: '2026-11-20T12:00:08.000Z' })).toBe(false);
    expect(matches(rule, { receivedAt: '2026-11-20T12:00:09.500Z' })).toBe(true);
    expect(matches(rule, { receivedAt: '2026-11-20T12:00:10.000Z' })).toBe(true);
  });

  it('leaves out a disabled rule, and forgets what was replaced', () => {
    expect(matches(buildRule({ enabled: false }), {})).toBe(false);
    const index = indexOf(buildRule());
    index.replace(PARTNER, [buildRule({ severities: only('ok') })]);
    expect(index.matching(buildKnownEvent())).toEqual([]);
    index.replace(PARTNER, []);
    expect(index.matching(buildKnownEvent({ type: 'backup.completed' }))).toEqual([]);
  });

  it('finds exactly what trying each rule in turn finds', () => {
    const types = ['backup.failed', 'backup.completed', 'disk_usage'] as const;
    const place = fc.subarray([1, 2, 3]);
    const brands = ['b1', 'b2'] as BrandId[];
    const ruleArb = fc.record({
      severities: fc.record({ ok: fc.boolean(), warning: fc.boolean(), error: fc.boolean() }),
      allEventTypes: fc.boolean(),
      eventTypes: fc.subarray([...types]),
      enabled: fc.boolean(),
      scope: fc.record({
        brandIds: fc.subarray(brands),
        custIds: place.map((ids) => ids as CustomerId[]),
        accountNos: place.map((ids) => ids as AccountNo[]),
      }),
    });
    const eventArb = fc.record({
      type: fc.constantFrom(...types),
      severity: fc.constantFrom('OK' as const, 'WARNING' as const, 'ERROR' as const),
      brandId: fc.option(fc.constantFrom(...brands)),
      custId: fc.integer({ min: 1, max: 3 }),
      accountNo: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(ruleArb, { maxLength: 8 }),
        fc.array(eventArb, { minLength: 1, maxLength: 4 }),
        (overs, events) => {
          const rules = overs.map((over) => buildRule(over));
          const index = indexOf(...rules);
          for (const over of events) {
            const { tenant } = buildKnownEvent(over);
            const switches = { OK: 'ok', WARNING: 'warning', ERROR: 'error' } as const;
            const expected = rules.filter((rule) => {
              const { scope } = rule;
              const isEverywhere = [scope.brandIds, scope.custIds, scope.accountNos].every(
                (ids) => ids.length === 0,
              );
              const isHere =
                (tenant.brandId !== null && scope.brandIds.includes(tenant.brandId)) ||
                scope.custIds.includes(tenant.customerId) ||
                scope.accountNos.includes(tenant.accountNo);
              return (
                rule.enabled &&
                rule.severities[switches[over.severity]] &&
                (rule.allEventTypes || rule.eventTypes.includes(over.type)) &&
                (isEverywhere || isHere)
              );
            });
            expect(
              index
                .matching(buildKnownEvent(over))
                .map(({ id }) => id)
                .sort(),
            ).toEqual(expected.map(({ id }) => id).sort());
          }
        },
      ),
    );
  });
});

describe('a hierarchy of brands', () => {
  const [root, north, west] = ['r', 'n', 'w'].map((name) => `brand ${name}` as BrandId) as [
    BrandId,
    BrandId,
    BrandId,
  ];
  const paths = new Map([
    [root, [root]],
    [north, [root, north]],
    [west, [root, west]],
  ]);
  const reaches = (rule: Partial<Rule>): BrandId[] => {
    const index = new RuleIndex();
    index.replace(PARTNER, [buildRule(rule)], paths);
    return [root, north, west].filter((brandId) => index.matching(buildKnownEvent({ brandId })).length === 1);
  };
  const scope = (over: Partial<Rule['scope']>): Rule['scope'] => ({
    brandIds: [],
    custIds: [],
    accountNos: [],
    ...over,
  });

  it('a rule for a brand takes what happens below it', () => {
    expect(reaches({ scope: scope({ brandIds: [root] }) })).toEqual([root, north, west]);
    expect(reaches({ scope: scope({ brandIds: [north] }) })).toEqual([north]);
  });

  it('a rule that a sub-brand made never acts outside of it, whatever it names', () => {
    expect(reaches({ ownerBrandId: north })).toEqual([north]);
    expect(reaches({ ownerBrandId: north, scope: scope({ brandIds: [root, west] }) })).toEqual([north]);
    expect(reaches({ ownerBrandId: west, scope: scope({ custIds: [CUSTOMER] }) })).toEqual([west]);
    expect(reaches({ ownerBrandId: null, scope: scope({ custIds: [CUSTOMER] }) })).toEqual([
      root,
      north,
      west,
    ]);
  });
});
