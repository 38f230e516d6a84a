/** What a request is worth in need, the least first: that is the order in which they are sent away. */
export const LOAD_CLASSES = ['export', 'list', 'change', 'success', 'heartbeat', 'failure'] as const;
export type LoadClass = (typeof LOAD_CLASSES)[number];

/** What is measured about once a second; left out is what a service does not have. */
export interface LoadSignals {
  /** p99 since the last look, ms. */
  eventLoopDelayMs?: number;
  /** How long a connection to the database is waited for, ms. */
  poolWaitMs?: number;
  /** The same for what people and programs ask, where that has connections of its own. */
  apiWaitMs?: number;
  /** Age of the oldest thing that is to be published, s. */
  outboxAgeS?: number;
  /** What waits to be published, as a share of the room that it may take. */
  backlogShare?: number;
}

const BUSY = { eventLoopDelayMs: 100, poolWaitMs: 250, outboxAgeS: 60 };
/** Sent away from that many times what counts as busy. Failures are what the product is for. */
const SHED_FROM: Record<LoadClass, number> = {
  export: 1,
  list: 3,
  change: 5,
  success: 8,
  heartbeat: 12,
  failure: 40,
};
const OF_API: ReadonlySet<LoadClass> = new Set(['export', 'list', 'change']);
/** While Kafka is away what is taken in piles up here. */
const BACKLOG_FULL: Partial<Record<LoadClass, number>> = { success: 0.2, heartbeat: 0.6 };

/** How many times over what counts as busy this process is, by its own work. */
export const pressureOf = ({ eventLoopDelayMs = 0, poolWaitMs = 0 }: LoadSignals): number =>
  Math.max(eventLoopDelayMs / BUSY.eventLoopDelayMs, poolWaitMs / BUSY.poolWaitMs);

/** The same of what can only slow people and programs down, not agents. */
export const apiPressureOf = ({ apiWaitMs = 0 }: LoadSignals): number => apiWaitMs / BUSY.poolWaitMs;

/** What is sent away at that pressure. An old outbox is somebody else's trouble: it ends what can wait best, no more. */
export function shedAt(
  pressure: number,
  { outboxAgeS = 0, backlogShare = 0 }: LoadSignals,
  apiPressure = 0,
): Set<LoadClass> {
  return new Set(
    LOAD_CLASSES.filter(
      (each) =>
        pressure > SHED_FROM[each] ||
        (OF_API.has(each) && apiPressure > SHED_FROM[each]) ||
        (each === 'export' && outboxAgeS > BUSY.outboxAgeS) ||
        backlogShare > (BACKLOG_FULL[each] ?? Infinity),
    ),
  );
}

const EXPORTS = /^\/api\/v1\/(audit|events\/search|notification-rules\/preview)(\/|$)/;
const LISTS = /^\/api\/v1\/([a-z-]+|psa\/[a-z]+\/customer-map)$/;
const NO_LISTS = /^\/api\/v1\/(me|session)$/;

/** Known before the body is read. Reading one thing is what a form begins with, so it stands and falls with changes. */
export function classOfRequest(method: string, url: string): LoadClass | null {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/API/external') return 'change';
  if (!path.startsWith('/api/v1/')) return null;
  if (EXPORTS.test(path)) return 'export';
  return method === 'GET' && LISTS.test(path) && !NO_LISTS.test(path) ? 'list' : 'change';
}
