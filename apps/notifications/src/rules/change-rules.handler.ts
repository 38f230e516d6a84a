import { type Clock, isUuid, type RuleId, type Secret, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { WebhookRules } from '../webhooks/webhook-rules.js';
import { refusalsOf } from './rule-check.js';
import type { StoredRule } from './rule.entity.js';
import type { RuleRepository } from './rule.repository.js';
import type { RuleSettings } from './rule.js';

const MOST_RULES = 10_000;

/** A rule as it is now, with the secret of its webhook where that is new. */
export interface ChangedRule {
  rule: StoredRule;
  secret: Secret<string> | null;
}

/** Creates, replaces and removes rules. All throw Problem. */
export class ChangeRulesHandler {
  constructor(
    private readonly rules: RuleRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: WebhookRules,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 422 */
  async create(
    scope: Scope,
    settings: RuleSettings,
    given: Secret<string> | null = null,
  ): Promise<ChangedRule> {
    this.assertAccepted(settings);
    const now = this.clock.now();
    const id = uuidv7(now.getTime()) as RuleId;
    const { partnerId, brandId: ownerBrandId } = scope;
    const rule = { ...settings, id, partnerId, ownerBrandId, version: 1, createdAt: now, updatedAt: now };
    let secret: Secret<string> | null = null;
    const isStored = await this.recorded('rule.create', rule, async (tx) => {
      const isNew = await this.rules.add(scope, tx, rule, MOST_RULES);
      if (isNew && rule.webhook) secret = await this.webhooks.keep(tx, rule, given);
      return isNew;
    });
    if (!isStored) throw Problem.unprocessable(`A partner has at most ${MOST_RULES} rules.`);
    return { rule, secret };
  }

  /** @throws Problem 404, 412, 422, 428 */
  async replace(
    scope: Scope,
    id: string,
    ifMatch: string | undefined,
    settings: RuleSettings,
    given: Secret<string> | null = null,
  ): Promise<ChangedRule> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, etagOf(known.version));
    this.assertAccepted(settings);
    const changed = { ...known, ...settings, version: known.version + 1, updatedAt: this.clock.now() };
    let secret: Secret<string> | null = null;
    const isStored = await this.recorded('rule.change', changed, async (tx) => {
      const isDone = await this.rules.replace(scope, tx, changed);
      if (isDone && changed.webhook) secret = await this.webhooks.keep(tx, changed, given);
      return isDone;
    });
    if (!isStored) throw Problem.preconditionFailed();
    return { rule: changed, secret };
  }

  /** @throws Problem 404, and 409 for a rule that calls nobody */
  async rotateSecret(scope: Scope, id: string): Promise<ChangedRule & { secret: Secret<string> }> {
    const rule = await this.find(scope, id);
    if (!rule.webhook) throw Problem.conflict('The rule calls no webhook.');
    const secret = await this.unitOfWork.run(async (tx) => {
      const { partnerId, name } = rule;
      const target = { kind: 'rule', id: rule.id };
      await outboxAuditTrail.record(tx, partnerId, {
        action: 'rule.rotate-secret',
        target,
        detail: { name },
      });
      return this.webhooks.rotate(tx, rule);
    });
    return { rule, secret };
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

  /** @throws Problem 422 */
  private assertAccepted(settings: RuleSettings): void {
    const refusals = [...refusalsOf(settings), ...this.webhooks.refusals(settings)];
    if (refusals.length > 0) throw Problem.unprocessable('The rule would never act.', refusals);
  }
}
