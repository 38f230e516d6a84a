import type { EventType } from '../event-types.js';
import type { AccountWatch, JobWatch } from './due.js';
import { afterBeat, firstBeat } from './rhythm.js';

const DAY_MS = 24 * 3_600_000;
/** What an agent plans for later than this it does not know. */
const FURTHEST_MS = 35 * DAY_MS;

/** Of an event, what schedules look at. */
export interface SeenEvent {
  type: EventType;
  /** Whether it ended a run; see `isConclusive`. */
  isConclusive: boolean;
  receivedMs: number;
  occurredMs: number;
  /** When the agent says that it will run the job next. */
  toldMs?: number | null;
}

/** A run that left something to restore from. */
const SAVED: ReadonlySet<EventType> = new Set([
  'backup.completed',
  'backup.completed_warnings',
  'backup.completed_errors',
]);
/** A backup run that is over, however it went. */
export const ENDED_RUNS: ReadonlySet<EventType> = new Set([
  ...SAVED,
  'backup.failed',
  'backup.timeout',
  'backup.abandoned',
  'backup.cancelled',
  'backup.skipped',
  'quota.exceeded',
]);

/** `ended` and `saved` a run, `began` one or gave a sign of life, `missed` as the agent itself says; null: nothing of the kind. */
export type Sighting = 'saved' | 'ended' | 'began' | 'missed' | null;

export function sightingOf({ type, isConclusive }: SeenEvent): Sighting {
  if (type === 'backup.started') return 'began';
  if (type === 'backup.missed') return 'missed';
  if (!isConclusive || !ENDED_RUNS.has(type)) return null;
  return SAVED.has(type) ? 'saved' : 'ended';
}

/** What came a day late or more, such as a history that is imported, says nothing of when runs come now. */
const isOfNow = ({ receivedMs, occurredMs }: SeenEvent): boolean => receivedMs - occurredMs < DAY_MS;

export const newJobWatch = (): JobWatch => ({
  lastRunMs: null,
  runningMs: null,
  excusedMs: null,
  toldMs: null,
  status: 'waiting',
  rhythm: null,
});

const toldBy = ({ toldMs = null, receivedMs }: SeenEvent): number | null =>
  toldMs !== null && toldMs > receivedMs && toldMs < receivedMs + FURTHEST_MS ? toldMs : null;

/**
 * A job after one more event of its own. Runs count by when they were reported, on our clock: those of agents may be
 * hours off, and are so every time.
 */
export function jobAfter(watch: JobWatch, event: SeenEvent): JobWatch {
  const sighting = sightingOf(event);
  if (sighting === null || !isOfNow(event)) return watch;
  const atMs = event.receivedMs;
  if (atMs < (watch.lastRunMs ?? 0)) return watch;
  if (sighting === 'missed') return { ...watch, status: 'missed' };
  if (sighting === 'began')
    return { ...watch, runningMs: Math.max(atMs, watch.runningMs ?? 0), status: 'waiting' };
  // A run is skipped because another one goes on.
  const runningMs = event.type === 'backup.skipped' ? watch.runningMs : null;
  const ended: JobWatch = {
    ...watch,
    lastRunMs: atMs,
    runningMs,
    excusedMs: null,
    toldMs: toldBy(event),
    status: 'waiting',
  };
  if (sighting !== 'saved') return ended;
  const { rhythm, status, excusedMs } = watch;
  // A gap in which something was missed, or could not have been seen, is no example.
  const isExample = status !== 'missed' && excusedMs === null;
  return { ...ended, rhythm: rhythm ? afterBeat(rhythm, atMs, !isExample) : firstBeat(atMs) };
}

export const newAccountWatch = (knownSinceMs: number): AccountWatch => ({
  knownSinceMs,
  lastRunMs: null,
  lastSavedMs: null,
  excusedMs: null,
  status: 'waiting',
});

/** An account after one more event of any of its jobs. */
export function accountAfter(watch: AccountWatch, event: SeenEvent): AccountWatch {
  const sighting = sightingOf(event);
  if (sighting === null || sighting === 'missed') return watch;
  const lastRunMs = Math.max(event.receivedMs, watch.lastRunMs ?? 0);
  const status = watch.status === 'never_run' ? 'waiting' : watch.status;
  if (sighting !== 'saved') return { ...watch, lastRunMs, status };
  const savedMs = Math.min(event.occurredMs, event.receivedMs);
  if (savedMs <= (watch.lastSavedMs ?? 0)) return { ...watch, lastRunMs, status };
  return { ...watch, lastRunMs, lastSavedMs: savedMs, excusedMs: null, status: 'waiting' };
}
