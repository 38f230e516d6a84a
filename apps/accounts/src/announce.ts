import { systemClock, uuidv7 } from '@backhaul/domain';
import type { Topic } from '@backhaul/messaging';
import { type OutboxMessage, outboxMessage, publishAll, type Tx } from '@backhaul/persistence';

/** What the other services are told: what is true now, or with `null` that it is no more. */
export function announcement<P extends object>(
  partnerId: string,
  topic: Topic<P>,
  payload: P | null,
  key?: string,
): OutboxMessage {
  const now = systemClock.now();
  const id = uuidv7(now.getTime());
  const envelope = { id, occurredAt: now.toISOString(), partnerId, correlationId: id, causationId: null };
  return outboxMessage(topic, payload, envelope, key);
}

/** In the transaction of the change. A tombstone needs its key. */
export async function announce<P extends object>(
  tx: Tx,
  partnerId: string,
  topic: Topic<P>,
  payload: P | null,
  key?: string,
): Promise<void> {
  await publishAll(tx, [announcement(partnerId, topic, payload, key)]);
}
