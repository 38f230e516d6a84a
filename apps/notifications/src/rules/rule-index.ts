import {
  type AccountNo, type BrandId, type EventType, isRuleable, type PartnerId, type Severity,
} from '@backhaul/domain'; // prettier-ignore
import type { Facts } from '../silences/silence.js';
import type { Rule, SeveritySwitches } from './rule.js';

/** Clocks of two machines may differ by this much before a rule misses an event that came after it (F9). */
const CLOCK_TOLERANCE_MS = 1000;

const SWITCH: Readonly<Record<Severity, keyof SeveritySwitches>> = {
  OK: 'ok',
  WARNING: 'warning',
  ERROR: 'error',
};

/** Rules of one place. What matches a type and severity is found once and kept until the rules change. */
class RuleList {
  private readonly rules: Rule[] = [];
  private readonly found = new Map<string, Rule[]>();

  add(rule: Rule): void {
    this.rules.push(rule);
  }

  matching(type: EventType, severity: Severity): readonly Rule[] {
    const slot = `${severity}:${type}`;
    let rules = this.found.get(slot);
    if (!rules) {
      rules = this.rules.filter(
        (rule) => rule.severities[SWITCH[severity]] && (rule.allEventTypes || rule.eventTypes.includes(type)),
      );
      this.found.set(slot, rules);
    }
    return rules;
  }
}

class Places<K> {
  private readonly lists = new Map<K, RuleList>();

  add(places: readonly K[], rule: Rule): void {
    for (const place of new Set(places)) {
      const list = this.lists.get(place) ?? new RuleList();
      list.add(rule);
      this.lists.set(place, list);
    }
  }

  at(place: K | null): RuleList | undefined {
    return place === null ? undefined : this.lists.get(place);
  }
}

/** The brands from the root to each brand. */
export type BrandPaths = ReadonlyMap<BrandId, readonly BrandId[]>;

class PartnerRules {
  private readonly everywhere = new RuleList();
  private readonly byBrand = new Places<string>();
  private readonly byCustomer = new Places<number>();
  private readonly byAccount = new Places<AccountNo>();

  constructor(
    rules: readonly Rule[],
    private readonly paths: BrandPaths,
  ) {
    for (const rule of rules) if (rule.enabled) this.add(rule);
  }

  matching({ type, tenant, outcome }: Pick<Facts, 'type' | 'tenant' | 'outcome'>): Iterable<Rule> {
    const everywhere = this.everywhere.matching(type, outcome.severity);
    const above = tenant.brandId === null ? [] : (this.paths.get(tenant.brandId) ?? [tenant.brandId]);
    const scoped = [
      ...above.map((brandId) => this.byBrand.at(brandId)),
      this.byCustomer.at(tenant.customerId),
      this.byAccount.at(tenant.accountNo),
    ].filter((list) => list !== undefined);
    if (scoped.length === 0) return everywhere;
    // One rule may name the customer and the account: it still acts once (F10).
    const inPlace = scoped
      .flatMap((list) => list.matching(type, outcome.severity))
      .filter(({ ownerBrandId }) => ownerBrandId === null || above.includes(ownerBrandId));
    return new Set([...everywhere, ...inPlace]);
  }

  private add(rule: Rule): void {
    const { brandIds, custIds, accountNos } = rule.scope;
    if (brandIds.length + custIds.length + accountNos.length === 0)
      return rule.ownerBrandId === null
        ? this.everywhere.add(rule)
        : this.byBrand.add([rule.ownerBrandId], rule);
    this.byBrand.add(brandIds, rule);
    this.byCustomer.add(custIds, rule);
    this.byAccount.add(accountNos, rule);
  }
}

/** All rules in force, ordered so that an event meets only those that may match it. Pure memory. */
export class RuleIndex {
  private readonly partners = new Map<PartnerId, PartnerRules>();

  /** Takes these for all the rules of the partner, and these for all its brands. */
  replace(partnerId: PartnerId, rules: readonly Rule[], paths: BrandPaths = new Map()): void {
    if (rules.length === 0) this.partners.delete(partnerId);
    else this.partners.set(partnerId, new PartnerRules(rules, paths));
  }

  /** The rules that act on the event: each once (F10), none that was made after it arrived (F9), unless it is reprocessed. */
  matching(event: Pick<Facts, 'type' | 'tenant' | 'outcome' | 'receivedAt'>, isReprocessed = false): Rule[] {
    // What the product says about itself would answer itself for ever (T24).
    const rules = isRuleable(event.type)
      ? this.partners.get(event.tenant.partnerId)?.matching(event)
      : undefined;
    if (!rules) return [];
    if (isReprocessed) return [...rules];
    return [...rules].filter((rule) => wasThereFor(rule, event));
  }
}

/** Whether it was made before the event arrived (F9). */
export const wasThereFor = (made: { createdAt: Date }, { receivedAt }: Pick<Facts, 'receivedAt'>): boolean =>
  made.createdAt.getTime() <= Date.parse(receivedAt) + CLOCK_TOLERANCE_MS;
