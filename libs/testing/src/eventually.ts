import { setTimeout as wait } from 'node:timers/promises';

/** Repeats until `check` neither throws nor answers false; then answers what it answered. Throws its last complaint. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await inTime(check, Math.max(until - performance.now(), 1), timeoutMs);
      if (answer !== false) return answer as Exclude<T, false>;
      if (performance.now() > until) throw new Error(`Still false after ${timeoutMs} ms`);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await wait(intervalMs);
  }
}

/** A check that hangs must fail its own test, not the whole file. */
async function inTime<T>(check: () => T | Promise<T>, leftMs: number, timeoutMs: number): Promise<T> {
  const stop = new AbortController();
  const late = wait(leftMs + 1, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`The check did not come back within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
