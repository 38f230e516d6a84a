import type { Secret } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { DeliveryEntity } from './delivery.entity.js';

export interface CallTarget {
  url: string;
  /** Why nobody is called any more. */
  disabledReason: string | null;
  /** What signs, the newest first; none where they do not open with our key. */
  secrets: Secret<string>[];
}

/** How a call ended. */
export interface CallEnd {
  state: 'done' | 'failed';
  reason: string;
  /** What the partner reads. */
  message: string;
}

/** Who asks for calls: rules and event handlers. */
export interface WebhookCaller {
  /** Null where it is gone or calls nobody any more. */
  targetOf(db: Pick<Tx, 'query'>, delivery: DeliveryEntity): Promise<CallTarget | null>;
  /** The receiver wants no more. */
  disable(tx: Tx, delivery: DeliveryEntity, reason: string): Promise<void>;
  /** In the transaction in which the call ends. */
  tell(tx: Tx, delivery: DeliveryEntity, end: CallEnd): Promise<void>;
}
