import { context, propagation } from '@opentelemetry/api';
import { PoisonError } from './dead-letter.js';
import type { Envelope, Topic } from './topics/topic.js';

/** What is handed to Kafka. `topic` carries no prefix; `value: null` is a tombstone. */
export interface OutgoingRecord {
  topic: string;
  key: string;
  value: string | null;
  headers: Record<string, string>;
}

/** The envelope as headers, with the trace of the caller. */
export function headersOf(envelope: Envelope): Record<string, string> {
  const headers: Record<string, string> = {
    id: envelope.id,
    'occurred-at': envelope.occurredAt,
    'partner-id': envelope.partnerId,
    'correlation-id': envelope.correlationId,
  };
  if (envelope.causationId) headers['causation-id'] = envelope.causationId;
  propagation.inject(context.active(), headers);
  return headers;
}

/** A record of that topic. A tombstone has no payload to take the key from, so it is given. */
export function toRecord<P extends object>(
  topic: Topic<P>,
  payload: P | null,
  envelope: Envelope,
  key?: string,
): OutgoingRecord {
  const recordKey = key ?? (payload ? topic.key(payload) : null);
  if (recordKey === null) throw new Error(`A tombstone of ${topic.name} needs its key`);
  return {
    topic: topic.name,
    key: recordKey,
    value: payload ? JSON.stringify(payload) : null,
    headers: headersOf(envelope),
  };
}

/** @throws PoisonError with class `decode`: without its envelope a record belongs to nobody. */
export function envelopeOf(headers: Record<string, string>): Envelope {
  const { id, 'occurred-at': occurredAt, 'partner-id': partnerId } = headers;
  if (!id || occurredAt === undefined || partnerId === undefined)
    throw new PoisonError('The headers carry no envelope (id, occurred-at, partner-id)', 'decode');
  return {
    id,
    occurredAt,
    partnerId,
    correlationId: headers['correlation-id'] ?? id,
    causationId: headers['causation-id'] ?? null,
  };
}
