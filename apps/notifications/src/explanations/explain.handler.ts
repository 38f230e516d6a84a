import { type Scope, txOf } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import type { RuleRepository } from '../rules/rule.repository.js';
import { type AskedEvent, explainRule, type RuleExplanation } from './rule-explanation.js';

export interface RulesExplained {
  /** Those that match, then those that miss by the fewest things. */
  rules: RuleExplanation[];
  /** Further rules that do not match. */
  notShown: number;
}

const MOST_RULES = 10_000;
const SHOWN = 100;

const missesOf = ({ checks }: RuleExplanation): number => checks.filter(({ isMet }) => !isMet).length;

/** Says of each rule that the caller may see why it acts on an event or does not. */
export class ExplainHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rules: RuleRepository,
  ) {}

  async handle(scope: Scope, event: AskedEvent): Promise<RulesExplained> {
    const page = { limit: MOST_RULES, after: null, newestFirst: false };
    const rules = await this.rules.page(scope, page);
    const brands = await this.rules.brandPathsOf(txOf(this.dataSource.manager), [scope.partnerId]);
    const paths = new Map(brands.map(({ brandId, path }) => [brandId, path]));
    const explained = rules
      .map((rule) => explainRule(rule, event, paths))
      .sort((a, b) => missesOf(a) - missesOf(b));
    return { rules: explained.slice(0, SHOWN), notShown: Math.max(0, explained.length - SHOWN) };
  }
}
