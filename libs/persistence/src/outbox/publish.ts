import { createHash } from 'node:crypto';
import { type Envelope, type OutgoingRecord, toRecord, type Topic } from '@backhaul/messaging';
import type { Tx } from '../unit-of-work.js';

export const BUCKETS = 64;

/** All records of one key share a bucket, and one relay at a time owns a bucket: so a key's order holds. */
export function bucketOf(key: string): number {
  // Spreads keys and guards nothing; another would move keys to other buckets while their messages wait.
  // eslint-disable-next-line no-restricted-syntax
  return createHash('md5').update(key).digest()[0]! % BUCKETS;
}

export interface OutboxMessage extends OutgoingRecord {
  /** The envelope's id; a second row with the same id is the same message. */
  id: string;
}

export function outboxMessage<P extends object>(
  topic: Topic<P>,
  payload: P | null,
  envelope: Envelope,
  key?: string,
): OutboxMessage {
  return { ...toRecord(topic, payload, envelope, key), id: envelope.id };
}

/** Writes messages in the caller's transaction, in the order given. */
export async function publishAll(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `INSERT INTO outbox (id, bucket, topic, key, headers, payload)
     SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[])
     ON CONFLICT (id) DO NOTHING`,
    [
      messages.map((m) => m.id),
      messages.map((m) => bucketOf(m.key)),
      messages.map((m) => m.topic),
      messages.map((m) => m.key),
      messages.map((m) => JSON.stringify(m.headers)),
      messages.map((m) => m.value),
    ],
  );
}

/** One message. A tombstone (`payload: null`) needs its key. */
export function publish<P extends object>(
  tx: Tx,
  topic: Topic<P>,
  payload: P | null,
  envelope: Envelope,
  key?: string,
): Promise<void> {
  return publishAll(tx, [outboxMessage(topic, payload, envelope, key)]);
}
