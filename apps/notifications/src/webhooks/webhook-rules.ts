import type { Secret } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { AllowList } from '@backhaul/psa/egress';
import type { RefusedField } from '../rules/rule-check.js';
import type { RuleSettings } from '../rules/rule.js';
import { newWebhookSecret } from './webhook-signature.js';
import type { SecretOwner, WebhookSecrets } from './webhook-secrets.js';
import { webhookUrlProblem } from './webhook-url.js';

/** What a rule or event handler that calls needs beside itself: addresses that may be called, and a secret. */
export class WebhookRules {
  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly allow: AllowList,
  ) {}

  refusals({ webhook }: Pick<RuleSettings, 'webhook'>): RefusedField[] {
    return webhook ? this.refusalsOf(webhook.url, '/webhook/url') : [];
  }

  refusalsOf(url: string, pointer: string): RefusedField[] {
    const detail = webhookUrlProblem(url, this.allow);
    return detail ? [{ pointer, detail, rule: 'webhookUrl' }] : [];
  }

  /** Answers the secret where it is new: it is shown once. */
  async keep(tx: Tx, owner: SecretOwner, given: Secret<string> | null): Promise<Secret<string> | null> {
    if (given === null && (await this.secrets.has(tx, owner))) return null;
    const secret = given ?? newWebhookSecret();
    await this.secrets.put(tx, owner, secret);
    return secret;
  }

  async rotate(tx: Tx, owner: SecretOwner): Promise<Secret<string>> {
    const secret = newWebhookSecret();
    await this.secrets.rotate(tx, owner, secret);
    return secret;
  }
}
