import { setTimeout as wait } from 'node:timers/promises';

/** Repeats until `check` neither throws nor answers false; then answers what it answered. Throws the last complaint that came back. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false>> {
  const until = performance.now() + timeoutMs;
  let complaint: unknown = new Error(`The check did not come back within ${timeoutMs} ms`);
  for (;;) {
    try {
      const answer = await inTime(check, Math.max(until - performance.now(), 1));
      if (answer !== false) return answer as Exclude<T, false>;
      complaint = new Error(`Still false after ${timeoutMs} ms`);
    } catch (error) {
      // The last one was cut short: what the one before it had to say tells more.
      if (error !== LATE) complaint = error;
    }
    if (performance.now() > until) throw complaint;
    await wait(intervalMs);
  }
}

const LATE = new Error('out of time');

/** A check that hangs must fail its own test, not the whole file. @throws LATE */
async function inTime<T>(check: () => T | Promise<T>, leftMs: number): Promise<T> {
  const stop = new AbortController();
  const late = wait(leftMs + 1, undefined, { signal: stop.signal }).then(() => {
    throw LATE;
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
