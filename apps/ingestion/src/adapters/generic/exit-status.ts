import type { Status } from '@backhaul/domain';

const CANCELLED = new Set([130, 143, -2, -15]);

/** What any command's exit code says (N12); a negative one is a signal, as Python reports it. */
export function statusOfExit(code: number | null): Status {
  if (code === null) return 'unknown';
  if (code === 0) return 'success';
  return CANCELLED.has(code) ? 'cancelled' : 'failed';
}
