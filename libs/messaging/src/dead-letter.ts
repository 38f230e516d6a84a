import type { ServiceName } from './topics/topic.js';

/** Why a record was set aside. An outage is never a reason. */
export type DeadLetterClass = 'decode' | 'schema' | 'invariant' | 'definitive-remote' | 'killer';

export const deadLetterTopic = (service: ServiceName): string => `dead-letters.${service}.v1`;

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

/** Try again, or never? What nobody knows is tried again: an outage must not lose a record. */
export function isPoison(error: unknown): boolean {
  if (error instanceof PoisonError) return true;
  if (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof ReferenceError
  ) {
    // undici and node report a failed connection as a TypeError with a cause.
    return !(error.cause instanceof Error);
  }
  const state = sqlStateOf(error);
  return state !== null && DATA_SQLSTATE.test(state);
}

function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const state = driverError?.code ?? code;
  return typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) ? state : null;
}
