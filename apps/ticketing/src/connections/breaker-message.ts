import { uuidFrom } from '@backhaul/domain';
import { type BreakerPayload, ticketingBreakers } from '@backhaul/messaging';
import { outboxMessage, type OutboxMessage } from '@backhaul/persistence';

export interface Turned extends Omit<BreakerPayload, 'at' | 'until'> {
  until: Date;
  now: Date;
}

/** That a breaker opened or closed, for those who would ask for what it holds back (F18, F37). */
export function breakerMessage({ until, now, ...turned }: Turned): OutboxMessage {
  const at = now.toISOString();
  const payload = { ...turned, until: turned.isOpen ? until.toISOString() : null, at };
  const { connectionId, partnerId } = turned;
  const id = uuidFrom('breaker', connectionId, String(turned.isOpen), at);
  const envelope = { id, occurredAt: at, partnerId, correlationId: id, causationId: null };
  return outboxMessage(ticketingBreakers, payload, envelope);
}
