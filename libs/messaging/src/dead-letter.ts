import type { KafkaMessage } from 'kafkajs';
import type { DeadLetterClass } from './topics/dead-letters.js';

/** A record that no retry can heal: thrown by a handler, it sets the one record aside and goes on with the others. */
export class PoisonError extends Error {
  constructor(
    message: string,
    readonly deadLetterClass: DeadLetterClass = 'invariant',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PoisonError';
  }
}

/** PostgreSQL's classes for data that does not fit and for a broken constraint. */
const DATA_SQLSTATE = /^(22|23)/;
const BUGS = new Set(['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError']);

/** Try again, or never? What nobody knows is tried again: an outage must not lose a record. */
export function isPoison(error: unknown): boolean {
  if (error instanceof PoisonError) return true;
  // undici and node report a failed connection as a TypeError with a cause.
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  if (typeof name === 'string' && BUGS.has(name)) return cause === undefined;
  const state = sqlStateOf(error);
  return state !== null && DATA_SQLSTATE.test(state);
}

export function classOf(error: unknown): DeadLetterClass {
  return error instanceof PoisonError ? error.deadLetterClass : 'invariant';
}

function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const state = driverError?.code ?? code;
  return typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) ? state : null;
}

export interface DeadLetter {
  key: Buffer | null;
  value: Buffer | null;
  headers: NonNullable<KafkaMessage['headers']>;
}

/** The record's own bytes and headers untouched; why and where from in headers that begin with `dead-`. */
export function deadLetterOf(
  message: KafkaMessage,
  from: { topic: string; partition: number },
  reason: DeadLetterClass,
  error: unknown,
): DeadLetter {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'dead-class': reason,
      'dead-reason': (error instanceof Error ? error.message : String(error)).slice(0, 500),
      'dead-topic': from.topic,
      'dead-partition': String(from.partition),
      'dead-offset': message.offset,
    },
  };
}
