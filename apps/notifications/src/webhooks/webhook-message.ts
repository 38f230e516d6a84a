import type { HandlerId, RuleId } from '@backhaul/domain';
import type { KnownEvent } from '../requests/event-decision.js';
import { plainText } from '../mail/plain-text.js';

const LONGEST_MESSAGE = 4000;

/** Who tells of it. */
type Teller = { ruleId: RuleId; ruleName: string } | { handlerId: HandlerId; handlerName: string };

/** What a rule or an event handler tells of an event: the body of the call, the same at every attempt. */
export function webhookBody(event: KnownEvent, teller: Teller): string {
  const { tenant, outcome, job, identity, source } = event;
  const message = outcome.message ?? event.issues.at(0)?.message ?? null;
  return JSON.stringify({
    type: event.type,
    timestamp: event.receivedAt,
    data: {
      eventId: event.eventId,
      ...teller,
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
