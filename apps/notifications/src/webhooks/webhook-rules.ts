import type { Secret } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { AllowList } from '@backhaul/psa/egress';
import type { RefusedField } from '../rules/rule-check.js';
import type { Rule, RuleSettings } from '../rules/rule.js';
import { newWebhookSecret } from './webhook-signature.js';
import type { WebhookSecrets } from './webhook-secrets.js';
import { webhookUrlProblem } from './webhook-url.js';

/** What a rule that calls needs beside itself: an address that may be called, and a secret. */
export class WebhookRules {
  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly allow: AllowList,
  ) {}

  refusals({ webhook }: Pick<RuleSettings, 'webhook'>): RefusedField[] {
    const detail = webhook && webhookUrlProblem(webhook.url, this.allow);
    return detail ? [{ pointer: '/webhook/url', detail, rule: 'webhookUrl' }] : [];
  }

  /** Answers the secret where it is new: it is shown once. */
  async keep(tx: Tx, rule: Rule, given: Secret<string> | null): Promise<Secret<string> | null> {
    if (!rule.webhook || (given === null && (await this.secrets.has(tx, rule)))) return null;
    const secret = given ?? newWebhookSecret();
    await this.secrets.put(tx, rule, secret);
    return secret;
  }

  async rotate(tx: Tx, rule: Rule): Promise<Secret<string>> {
    const secret = newWebhookSecret();
    await this.secrets.rotate(tx, rule, secret);
    return secret;
  }
}
