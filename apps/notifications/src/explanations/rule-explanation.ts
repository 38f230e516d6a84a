import { type BrandId, type CanonicalEvent, isRuleable, type Severity } from '@backhaul/domain';
import type { BrandPaths } from '../rules/rule-index.js';
import type { Rule, SeveritySwitches } from '../rules/rule.js';

/** What of an event the rules look at. */
export type AskedEvent = Pick<CanonicalEvent, 'type' | 'receivedAt'> & {
  tenant: Pick<CanonicalEvent['tenant'], 'brandId' | 'customerId' | 'accountNo'>;
  outcome: Pick<CanonicalEvent['outcome'], 'severity'>;
};

export const CHECKS = ['ruleable', 'enabled', 'made_later', 'type', 'severity', 'scope'] as const;

export interface Check {
  check: (typeof CHECKS)[number];
  isMet: boolean;
  text: string;
}

export interface RuleExplanation {
  ruleId: string;
  ruleName: string;
  action: string;
  isMatch: boolean;
  /** Each thing that is looked at; all must be met. */
  checks: Check[];
  /** The rule was changed after the event arrived: it may have read otherwise then. */
  isChangedSince: boolean;
}

const CLOCK_TOLERANCE_MS = 1000;
const SWITCH: Readonly<Record<Severity, keyof SeveritySwitches>> = {
  OK: 'ok',
  WARNING: 'warning',
  ERROR: 'error',
};

const check = (name: Check['check'], isMet: boolean, yes: string, no: string): Check => ({
  check: name,
  isMet,
  text: isMet ? yes : no,
});

/** As the rule reads now, thing by thing, where the rules themselves only ask whether all are met. Pure. */
export function explainRule(
  rule: Rule & { updatedAt: Date },
  event: AskedEvent,
  paths: BrandPaths,
): RuleExplanation {
  const { type, outcome, receivedAt } = event;
  const arrivedMs = Date.parse(receivedAt);
  const isInTime = rule.createdAt.getTime() <= arrivedMs + CLOCK_TOLERANCE_MS;
  const types = rule.allEventTypes || rule.eventTypes.includes(type);
  const checks = [
    check('ruleable', isRuleable(type), 'Rules may act on this type.', `No rule may act on ${type}: the product says it about itself.`), // prettier-ignore
    check('enabled', rule.enabled, 'The rule is on.', 'The rule is switched off.'),
    check('made_later', isInTime, 'The rule was there when the event arrived.', `The rule was made after the event arrived, at ${rule.createdAt.toISOString()}.`), // prettier-ignore
    check('type', types, `The rule takes ${rule.allEventTypes ? 'every type' : type}.`, `The rule does not take ${type}.`), // prettier-ignore
    check('severity', rule.severities[SWITCH[outcome.severity]], `The rule takes ${outcome.severity}.`, `The rule does not take ${outcome.severity}.`), // prettier-ignore
    check('scope', isInScope(rule, event, paths), 'The account is where the rule acts.', 'The account is not where the rule acts.'), // prettier-ignore
  ];
  return {
    ruleId: rule.id,
    ruleName: rule.name,
    action: rule.action,
    isMatch: checks.every(({ isMet }) => isMet),
    checks,
    isChangedSince: isInTime && rule.updatedAt.getTime() > arrivedMs,
  };
}

function isInScope({ scope, ownerBrandId }: Rule, { tenant }: AskedEvent, paths: BrandPaths): boolean {
  const { brandId, customerId, accountNo } = tenant;
  const above: readonly BrandId[] = brandId === null ? [] : (paths.get(brandId) ?? [brandId]);
  if (ownerBrandId !== null && !above.includes(ownerBrandId)) return false;
  const { brandIds, custIds, accountNos } = scope;
  if (brandIds.length + custIds.length + accountNos.length === 0) return true;
  return (
    brandIds.some((each) => above.includes(each)) ||
    (customerId !== null && custIds.includes(customerId)) ||
    (accountNo !== null && accountNos.includes(accountNo))
  );
}
