import type { RuleId } from '@backhaul/domain';
import type { KnownEvent } from '../requests/event-decision.js';
import { plainText } from '../mail/plain-text.js';

const LONGEST_MESSAGE = 4000;

/** What a rule tells of an event: the body of the call, the same at every attempt. */
export function webhookBody(event: KnownEvent, rule: { id: RuleId; name: string }): string {
  const { tenant, outcome, job, identity, source } = event;
  const message = outcome.message ?? event.issues.at(0)?.message ?? null;
  return JSON.stringify({
    type: event.type,
    timestamp: event.receivedAt,
    data: {
      eventId: event.eventId,
      ruleId: rule.id,
      ruleName: rule.name,
      severity: outcome.severity,
      status: outcome.status,
      custId: tenant.customerId,
      accountNo: tenant.accountNo,
      hostName: identity.hostName,
      job: job.jobName ?? job.nativeJobId,
      agent: source.agent,
      occurredAt: event.occurredAt,
      message: message === null ? null : plainText(message, LONGEST_MESSAGE),
    },
  });
}
