import { type JobResult, TIME_IN_FUTURE } from '@backhaul/domain';

export const TIME_IN_PAST = 'time_in_past';

const HOUR_MS = 3_600_000;
const FUTURE_MS = 24 * HOUR_MS;
const PAST_MS = 32 * 24 * HOUR_MS;

/** When it happened, in milliseconds since 1970: the end, else the start, else the receipt. */
export function occurredAtOf({ timing }: Pick<JobResult, 'timing'>, receivedAtMs: number): number {
  const at = Date.parse(timing.endedAt ?? timing.startedAt ?? '');
  return Number.isNaN(at) ? receivedAtMs : at;
}

/** What is wrong with a time (N13): more than a day ahead, or more than 32 days ago. Null when nothing is. */
export function timeFlagOf(occurredAtMs: number, receivedAtMs: number): string | null {
  if (occurredAtMs > receivedAtMs + FUTURE_MS) return TIME_IN_FUTURE;
  if (occurredAtMs < receivedAtMs - PAST_MS) return TIME_IN_PAST;
  return null;
}
