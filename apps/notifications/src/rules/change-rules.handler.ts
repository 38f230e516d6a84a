import { type Clock, isUuid, type RuleId, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { refusalsOf } from './rule-check.js';
import type { StoredRule } from './rule.entity.js';
import type { RuleRepository } from './rule.repository.js';
import type { RuleSettings } from './rule.js';

const MOST_RULES = 10_000;

/** Creates, replaces and removes rules. All throw Problem. */
export class ChangeRulesHandler {
  constructor(
    private readonly rules: RuleRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 422 */
  async create(scope: Scope, settings: RuleSettings): Promise<StoredRule> {
    assertAccepted(settings);
    const now = this.clock.now();
    const id = uuidv7(now.getTime()) as RuleId;
    const { partnerId, brandId: ownerBrandId } = scope;
    const rule = { ...settings, id, partnerId, ownerBrandId, version: 1, createdAt: now, updatedAt: now };
    const isStored = await this.recorded('rule.create', rule, (tx) =>
      this.rules.add(scope, tx, rule, MOST_RULES),
    );
    if (!isStored) throw Problem.unprocessable(`A partner has at most ${MOST_RULES} rules.`);
    return rule;
  }

  /** @throws Problem 404, 412, 422, 428 */
  async replace(
    scope: Scope,
    id: string,
    ifMatch: string | undefined,
    settings: RuleSettings,
  ): Promise<StoredRule> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, etagOf(known.version));
    assertAccepted(settings);
    const changed = { ...known, ...settings, version: known.version + 1, updatedAt: this.clock.now() };
    const isStored = await this.recorded('rule.change', changed, (tx) =>
      this.rules.replace(scope, tx, changed),
    );
    if (!isStored) throw Problem.preconditionFailed();
    return changed;
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, id: string, ifMatch: string | undefined): Promise<void> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, etagOf(known.version));
    const isGone = await this.recorded('rule.remove', known, (tx) => this.rules.drop(scope, tx, known));
    if (!isGone) throw Problem.preconditionFailed();
  }

  /** What was not done leaves no entry. */
  private recorded(action: string, rule: StoredRule, act: (tx: Tx) => Promise<boolean>): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      const isDone = await act(tx);
      const { id, partnerId, name, enabled } = rule;
      const what = { action, target: { kind: 'rule', id }, detail: { name, action: rule.action, enabled } };
      if (isDone) await outboxAuditTrail.record(tx, partnerId, what);
      return isDone;
    });
  }

  /** @throws Problem 404, also for what is no id at all */
  async find(scope: Scope, id: string): Promise<StoredRule> {
    const ruleId = id.toLowerCase();
    const rule = isUuid(ruleId) ? await this.rules.find(scope, ruleId as RuleId) : null;
    if (!rule) throw Problem.notFound();
    return rule;
  }
}

/** @throws Problem 422 */
function assertAccepted(settings: RuleSettings): void {
  const refusals = refusalsOf(settings);
  if (refusals.length > 0) throw Problem.unprocessable('The rule would never act.', refusals);
}
