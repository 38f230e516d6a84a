import { uuidFrom } from '@backhaul/domain';
import { type ConnectionCheckPayload, connectionChecks } from '@backhaul/messaging';
import { outboxMessage, type OutboxMessage } from '@backhaul/persistence';

export interface Checked extends Omit<ConnectionCheckPayload, 'at'> {
  now: Date;
}

/** What the PSA says of a connection's credentials, for accounts, which shows it to the partner (B14). */
export function checkMessage({ now, ...checked }: Checked): OutboxMessage {
  const payload = { ...checked, at: now.toISOString() };
  const { connectionId, version, reason, at, partnerId } = payload;
  const id = uuidFrom('connection.check', connectionId, version, reason ?? '', at);
  return outboxMessage(connectionChecks, payload, {
    id,
    occurredAt: at,
    partnerId,
    correlationId: id,
    causationId: null,
  });
}
