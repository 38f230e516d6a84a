import { uuidv7 } from '@backhaul/domain';
import type { Topic } from '@backhaul/messaging';
import { publish, type Tx } from '@backhaul/persistence';

/** Tells the other services what is true now; `null` that it is no more. In the transaction of the change. */
export async function announce<P extends object>(
  tx: Tx,
  partnerId: string,
  topic: Topic<P>,
  payload: P | null,
  key?: string,
): Promise<void> {
  const [{ now } = { now: new Date() }] = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const id = uuidv7(now.getTime());
  await publish(
    tx,
    topic,
    payload,
    { id, occurredAt: now.toISOString(), partnerId, correlationId: id, causationId: null },
    key,
  );
}
