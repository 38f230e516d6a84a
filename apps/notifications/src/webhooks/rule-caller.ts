import { type Clock, type RuleId, uuidFrom } from '@backhaul/domain';
import { notificationDecisions } from '@backhaul/messaging';
import { outboxMessage, publishAll, type Tx } from '@backhaul/persistence';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { DeliveryEntity } from './delivery.entity.js';
import type { CallEnd, CallTarget, WebhookCaller } from './webhook-caller.js';
import type { WebhookSecrets } from './webhook-secrets.js';

/** Calls that rules ask for: beside the event stands what became of them. */
export class RuleCaller implements WebhookCaller {
  constructor(
    private readonly rules: Pick<RuleRepository, 'findAcrossBrands' | 'disableWebhook'>,
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
  ) {}

  async targetOf(db: Pick<Tx, 'query'>, { partnerId, ruleId }: DeliveryEntity): Promise<CallTarget | null> {
    const rule = ruleId && (await this.rules.findAcrossBrands(partnerId, ruleId));
    return rule?.webhook ? { ...rule.webhook, secrets: await this.secrets.read(db, rule.id) } : null;
  }

  async disable(tx: Tx, { partnerId, ruleId }: DeliveryEntity, reason: string): Promise<void> {
    await this.rules.disableWebhook(tx, partnerId, ruleId as RuleId, reason);
  }

  async tell(tx: Tx, delivery: DeliveryEntity, end: CallEnd): Promise<void> {
    const { deliveryId: requestId, partnerId, ruleName, causeId: eventId, attempts, operationId } = delivery;
    const at = this.clock.now().toISOString();
    // A rule is about an event, and so about an account.
    const [ruleId, accountNo] = [delivery.ruleId ?? '', delivery.accountNo ?? 0];
    const action = { requestId, ruleId, ruleName, action: 'webhook', ...end };
    const asked = operationId === null ? {} : { operationId };
    const decided = { eventId, partnerId, accountNo, actions: [action], at, ...asked };
    const id = uuidFrom(requestId, 'ended', String(attempts));
    const about = { partnerId, correlationId: eventId, causationId: eventId, occurredAt: at };
    await publishAll(tx, [outboxMessage(notificationDecisions, decided, { id, ...about })]);
  }
}
