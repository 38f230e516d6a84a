import { raisesProblem } from '@backhaul/domain';
import { isOption } from '../options/options.js';
import type { Rule } from '../rules/rule.js';
import { type Quiet, wordsOf } from '../silences/silence.js';
import type { DeliveryDraft } from '../webhooks/delivery.entity.js';
import { webhookBody } from '../webhooks/webhook-message.js';
import type { KnownEvent } from './event-decision.js';

/** What stands beside an event for which nothing is done. */
export interface Why {
  reason: string;
  message: string;
}

/** Why nothing is done for an event that comes after what it tells of was overtaken. */
export const LATE: Why = { reason: 'late', message: 'A newer result of the same job was known already.' };

/** Why a rule mails or calls nobody about the event; null if it does. What ends is told also while it is silent. */
export function reasonNotToTell(rule: Rule, event: KnownEvent, quiet: Quiet | null = null): Why | null {
  const { type, outcome } = event;
  if (quiet !== null && raisesProblem(type, outcome.severity)) return wordsOf(quiet);
  if (rule.action === 'webhook') return reasonNotToCall(rule);
  if (isOption(type)) return null;
  return { reason: 'not_mailable', message: 'Nobody is mailed about events of this type.' };
}

function reasonNotToCall({ webhook }: Rule): Why | null {
  if (!webhook) return { reason: 'no_webhook', message: 'The rule names no address.' };
  const { disabledReason } = webhook;
  return disabledReason === null ? null : { reason: 'webhook_disabled', message: disabledReason };
}

export function draftOf(
  rule: Rule,
  event: KnownEvent,
  deliveryId: string,
  operationId: string | null = null,
): DeliveryDraft {
  const { eventId, tenant } = event;
  return {
    deliveryId,
    partnerId: tenant.partnerId,
    accountNo: tenant.accountNo,
    ownerBrandId: rule.ownerBrandId,
    ruleId: rule.id,
    handlerId: null,
    ruleName: rule.name,
    causeId: eventId,
    isRequest: false,
    operationId,
    url: null,
    body: webhookBody(event, { ruleId: rule.id, ruleName: rule.name }),
  };
}
