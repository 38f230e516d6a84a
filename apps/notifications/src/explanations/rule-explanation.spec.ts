import { describe, expect, it } from '@jest/globals';
import type { AccountNo, BrandId, CustomerId, EventType, RuleId } from '@backhaul/domain';
import fc from 'fast-check';
import { RuleIndex } from '../rules/rule-index.js';
import { buildKnownEvent, buildRule, PARTNER, type RuleOver } from '../testing/builders.js';
import { explainRule } from './rule-explanation.js';

const [ROOT, LEAF, OTHER] = ['root', 'leaf', 'other'] as unknown as BrandId[];
const PATHS = new Map([
  [ROOT as BrandId, [ROOT as BrandId]],
  [LEAF as BrandId, [ROOT as BrandId, LEAF as BrandId]],
]);
const withDate = <R extends object>(rule: R) => ({ ...rule, updatedAt: new Date(0) });

const rules = fc.record({
  enabled: fc.boolean(),
  ownerBrandId: fc.constantFrom(null, ROOT, LEAF, OTHER) as fc.Arbitrary<BrandId | null>,
  allEventTypes: fc.boolean(),
  eventTypes: fc.subarray(['backup.failed', 'quota.exceeded'] as EventType[]),
  severities: fc.record({ ok: fc.boolean(), warning: fc.boolean(), error: fc.boolean() }),
  scope: fc.record({
    brandIds: fc.subarray([ROOT, LEAF, OTHER] as BrandId[]),
    custIds: fc.subarray([34826, 1] as CustomerId[]),
    accountNos: fc.subarray([80202028, 2] as AccountNo[]),
  }),
  createdAt: fc.constantFrom(0, 999, 1001, 60_000),
});
const events = fc.record({
  type: fc.constantFrom<EventType>('backup.failed', 'quota.exceeded', 'psa.sync.failed'),
  brandId: fc.constantFrom(null, ROOT, LEAF, OTHER) as fc.Arbitrary<BrandId | null>,
});

describe('why a rule acts on an event or does not', () => {
  it('says that it acts exactly where the rules in force say so', () => {
    fc.assert(
      fc.property(rules, events, ({ createdAt, ...over }, { type, brandId }) => {
        const base = buildKnownEvent({ type });
        const event = { ...base, tenant: { ...base.tenant, brandId } };
        const madeAt = new Date(Date.parse(event.receivedAt) + createdAt);
        const rule = buildRule({ ...over, id: 'r' as RuleId, createdAt: madeAt });
        const index = new RuleIndex();
        index.replace(PARTNER, [rule], PATHS);
        const { isMatch } = explainRule(withDate(rule), event, PATHS);
        expect(isMatch).toBe(index.matching(event).length === 1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, RuleOver, string]>([
    ['enabled', { enabled: false }, 'The rule is switched off.'],
    ['type', { allEventTypes: false, eventTypes: ['quota.exceeded'] }, 'The rule does not take backup.failed.'],
    ['severity', { severities: { ok: true, warning: true, error: false } }, 'The rule does not take ERROR.'],
    ['scope', { scope: { brandIds: [], custIds: [1 as CustomerId], accountNos: [] } }, 'The account is not where the rule acts.'],
  ])('names what is not met: %s', (check, over, text) => {
    const { checks, isMatch } = explainRule(withDate(buildRule(over)), buildKnownEvent(), PATHS);
    expect(isMatch).toBe(false);
    expect(checks.filter(({ isMet }) => !isMet)).toEqual([{ check, isMet: false, text }]);
  }); // prettier-ignore

  it('says that a rule was made later, and that one was changed since', () => {
    const event = buildKnownEvent();
    const later = new Date(Date.parse(event.receivedAt) + 60_000);
    const made = explainRule(withDate(buildRule({ createdAt: later })), event, PATHS);
    expect(made).toMatchObject({ isMatch: false, isChangedSince: false });
    const changed = explainRule({ ...buildRule(), updatedAt: later }, event, PATHS);
    expect(changed).toMatchObject({ isMatch: true, isChangedSince: true });
  });
});
