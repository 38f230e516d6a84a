import { uuidFrom } from '@backhaul/domain';
import { type MapCheckPayload, mapChecks } from '@backhaul/messaging';
import { outboxMessage, type OutboxMessage } from '@backhaul/persistence';

/** What the PSA says of one mapped company, for accounts, which shows it to the partner (D32). */
export function mapCheckMessage(payload: MapCheckPayload): OutboxMessage {
  const { provider, partnerId, custId, psaCompanyId, problems, at } = payload;
  const id = uuidFrom('map.check', provider, partnerId, String(custId), psaCompanyId, problems.join(), at);
  return outboxMessage(mapChecks, payload, {
    id,
    occurredAt: at,
    partnerId,
    correlationId: id,
    causationId: null,
  });
}
