const LEAST_MS = 1_000;
const MOST_MS = 3_600_000;

/**
 * Milliseconds that a `Retry-After` header asks for, between 1 s and 1 h; null where it is absent or unreadable.
 * @param header seconds or an HTTP date
 */
export function retryAfterMs(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? '';
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (text === '' || Number.isNaN(asked)) return null;
  return Math.min(MOST_MS, Math.max(LEAST_MS, asked));
}
