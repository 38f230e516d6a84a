/** What is known of a lane and of its connection in this moment. */
export interface LaneFacts {
  state: 'idle' | 'ready' | 'running' | 'attention';
  reason: string | null;
  /** Commands that are not finished. */
  waiting: number;
  isConnected: boolean;
  breaker: 'closed' | 'open' | 'half_open' | null;
  trouble: string | null;
  /** Calls that may begin now. */
  tokens: number | null;
  /** Milliseconds from now; negative or null: no longer. */
  breakerMs: number | null;
  resumeMs: number | null;
  nextAttemptMs: number;
  /** What the last failure said. */
  lastFailure: string | null;
}

export const WAITING_KINDS = [
  'attention', 'not_connected', 'breaker', 'credentials', 'rate_budget', 'retry', 'working', 'turn',
] as const; // prettier-ignore

export interface Why {
  kind: (typeof WAITING_KINDS)[number];
  /** What somebody must put right. */
  field: string | null;
  text: string;
  /** Milliseconds until it goes on by itself, where that is known. */
  goesOnInMs: number | null;
}

/** The setting that each reason of attention asks for, as the API names it. */
const FIELDS: Record<string, string> = {
  unmapped_customer: 'customer-map/psaCompanyId',
  needs_change: 'connection/privateKey',
  sealed_secret: 'connection/credentials',
  setting_missing: 'settings/ticketing',
  do_not_map: 'settings/ticketing/queueId',
  solution_unknown: 'connection/solutionName',
  forbidden: 'connection/permissions',
  invalid_field: 'settings/ticketing',
};

const TEXTS = {
  not_connected: 'The PSA is not connected any more. This goes out once it is connected again.',
  breaker: 'The PSA does not answer. It is probed, and this goes out when it is back.',
  credentials: 'The PSA does not accept the credentials. Enter them again, and this goes out.',
  rate_budget: 'The PSA takes only so many calls. This goes out with the next free one.',
  retry: 'The last try failed. It is tried again.',
  working: 'This is at work now.',
  turn: 'This goes out in its turn.',
} as const;

const later = (ms: number | null): number | null => (ms !== null && ms > 0 ? Math.ceil(ms) : null);

/** Why a lane's work has not gone out yet, the weightiest reason first; null when nothing waits. Pure. */
export function whyWaiting(lane: LaneFacts): Why | null {
  if (lane.waiting === 0) return null;
  const because = (kind: keyof typeof TEXTS, ms: number | null = null, field: string | null = null): Why => ({
    kind,
    field,
    text: TEXTS[kind],
    goesOnInMs: later(ms),
  });
  if (lane.state === 'attention') {
    const reason = lane.reason ?? 'unknown';
    const text = lane.lastFailure ?? `This waits for a person (${reason}).`;
    return { kind: 'attention', field: FIELDS[reason] ?? null, text, goesOnInMs: null };
  }
  if (!lane.isConnected) return because('not_connected', null, 'connection');
  if (lane.state === 'running') return because('working');
  if (lane.trouble === 'credential') return because('credentials', lane.resumeMs, 'connection/credentials');
  if (lane.breaker !== 'closed') return because('breaker', lane.breakerMs);
  if (later(lane.resumeMs) !== null) return because('rate_budget', lane.resumeMs);
  if (later(lane.nextAttemptMs) !== null)
    return {
      ...because('retry', lane.nextAttemptMs),
      ...(lane.lastFailure !== null && { text: lane.lastFailure }),
    };
  return (lane.tokens ?? 1) < 1 ? because('rate_budget') : because('turn');
}
