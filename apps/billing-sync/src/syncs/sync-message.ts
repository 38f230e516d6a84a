import { uuidFrom } from '@backhaul/domain';
import { type Provider, type SyncOutcomePayload, syncOutcomes } from '@backhaul/messaging';
import { outboxMessage, type OutboxMessage } from '@backhaul/persistence';

/** Of a request, what its outcome has to say again. */
export interface AskedSync {
  requestId: string;
  eventId: string;
  ruleId: string;
  partnerId: string;
  accountNo: number;
}

export type Outcome = Pick<SyncOutcomePayload, 'state' | 'reason' | 'message'>;

/** The event log has the exact words of it (F25, F31). */
export const WITHIN_WINDOW: Outcome = { state: 'skipped', reason: 'within_window', message: null };

/** What became of one request, for the event log of its account. Its id follows from what it says: a repeat is harmless. */
export function syncMessage(
  { requestId, eventId, ruleId, partnerId, accountNo }: AskedSync,
  outcome: Outcome,
  provider: Provider,
  now: Date,
): OutboxMessage {
  const at = now.toISOString();
  const asked = { requestId, eventId, ruleId, partnerId, accountNo };
  const { state, reason } = outcome;
  const envelope = {
    id: uuidFrom('sync.outcome', requestId, state, reason, at),
    occurredAt: at,
    partnerId,
    correlationId: eventId,
    causationId: requestId,
  };
  return outboxMessage(syncOutcomes, { ...asked, ...outcome, provider, at }, envelope);
}
