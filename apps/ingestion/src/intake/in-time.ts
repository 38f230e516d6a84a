import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '@backhaul/http';

const LOOKUP_MS = 1500;
const RETRY_AFTER_S = 5;

/**
 * What an agent's report must know before it can be stored, asked of the database: a server that takes the question and
 * never answers must not keep the agent waiting until its connection is given up.
 * @throws Problem 503 where there is no answer in time
 */
export async function inTime<T>(lookup: Promise<T>, ms = LOOKUP_MS): Promise<T> {
  const isOver = new AbortController();
  const late = wait(ms, undefined, { signal: isOver.signal }).then(() => {
    throw Problem.unavailable(RETRY_AFTER_S, 'Nothing can be stored right now; send it again.');
  });
  try {
    return await Promise.race([lookup, late]);
  } finally {
    isOver.abort();
    late.catch(() => undefined);
  }
}
