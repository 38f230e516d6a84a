import { hash } from 'node:crypto';

/** The name of a run made of what identifies it; null when a part is unknown. */
export function runKey(...parts: (string | null)[]): string | null {
  return parts.includes(null) ? null : hash('sha256', JSON.stringify(parts));
}
