import { setTimeout as wait } from 'node:timers/promises';

/** Repeats until `check` neither throws nor answers false; then answers what it answered. Throws its last complaint. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== false) return answer as Exclude<T, false>;
      if (performance.now() > until) throw new Error(`Still false after ${timeoutMs} ms`);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await wait(intervalMs);
  }
}
