import { setTimeout as wait } from 'node:timers/promises';
import type { Admin } from 'kafkajs';

const TRIES = 40;

/** Repeats for up to half a minute what a broker refuses while a topic is young; kafkajs gives up on the first refusal. */
export async function untilServed<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (attempt === TRIES || (error as { retriable?: boolean }).retriable !== true) throw error;
      await wait(Math.min(1000, 50 * attempt));
    }
  }
}

/** First offset and end of each partition. Every leader answers for itself, so that all of them serve once this returns. */
export function offsetsOf(
  admin: Admin,
  topic: string,
): Promise<{ partition: number; high: string; low: string }[]> {
  return untilServed(() => admin.fetchTopicOffsets(topic));
}
