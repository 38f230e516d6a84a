import { type Due, type Outage, type ScheduleSettings, swallowedUntil } from '@backhaul/domain';
import { dueOf, type Expectation } from './expectation.js';
import type { KnownAccount } from './inferred-event.js';

const HOUR_MS = 3_600_000;
/** What an outage put off does not come all at once. */
const SPREAD_MS = 600_000;

export interface Evidence {
  nowMs: number;
  watermarkMs: number;
  outages: readonly Outage[];
  settings: ScheduleSettings;
  /** Null: deleted, or newer than our copy. */
  account: KnownAccount | null;
  /** When an event of the account came at all, though nothing was followed; null: never. */
  firstSeenMs: number | null;
  /** From 0 up to 1. */
  spread: number;
}

/** `raise` with what is known afterwards; else what to wait for. */
export type Judgement = { raise: Due; expectation: Expectation } | { raise: null; expectation: Expectation };

const wait = (expectation: Expectation, dueMs: number | null): Judgement => ({
  raise: null,
  expectation: { ...expectation, dueMs, heldMs: null },
});

/** Whether something that is due is told now. */
export function judge(expectation: Expectation, evidence: Evidence): Judgement {
  const { account, nowMs, settings, watermarkMs } = evidence;
  if (!account || account.isSuspended) return wait(expectation, nowMs + HOUR_MS);
  const known = withFirstSeen(expectation, evidence);
  const due = dueOf(known, settings);
  if (!due || (due.type === 'backup.never_run' && !backsUp(account))) return wait(known, null);
  if (due.dueMs >= watermarkMs) return wait(known, due.dueMs);
  return excused(known, due, evidence) ?? raised(known, due, settings);
}

const backsUp = ({ role }: KnownAccount): boolean => role === null || role === 'power-user';

/** An account whose results came before they were followed has run. */
function withFirstSeen(expectation: Expectation, { firstSeenMs }: Evidence): Expectation {
  if (expectation.kind === 'job' || expectation.watch.lastRunMs !== null || firstSeenMs === null)
    return expectation;
  return { ...expectation, watch: { ...expectation.watch, lastRunMs: firstSeenMs } };
}

/** Another time, where the report may have come while we were down; null where that makes no difference. */
function excused(expectation: Expectation, due: Due, evidence: Evidence): Judgement | null {
  const excusedMs = swallowedUntil(due, evidence.outages);
  if (excusedMs === null) return null;
  const later = excusedAt(expectation, excusedMs);
  const next = dueOf(later, evidence.settings);
  if (next && next.dueMs <= due.dueMs) return null;
  return wait(later, next ? next.dueMs + evidence.spread * SPREAD_MS : null);
}

function excusedAt(expectation: Expectation, excusedMs: number): Expectation {
  if (expectation.kind === 'job') return { ...expectation, watch: { ...expectation.watch, excusedMs } };
  return { ...expectation, watch: { ...expectation.watch, excusedMs } };
}

function raised(expectation: Expectation, due: Due, settings: ScheduleSettings): Judgement {
  const after = afterAlarm(expectation, due);
  return {
    raise: due,
    expectation: { ...after, heldMs: null, dueMs: dueOf(after, settings)?.dueMs ?? null },
  };
}

function afterAlarm(expectation: Expectation, { type, severity }: Due): Expectation {
  if (expectation.kind === 'job') {
    const status = type === 'backup.stalled' ? 'stalled' : 'missed';
    return { ...expectation, watch: { ...expectation.watch, status } };
  }
  const told = severity === 'ERROR' ? 'overdue' : 'warned';
  const status = type === 'backup.never_run' ? 'never_run' : told;
  return { ...expectation, watch: { ...expectation.watch, status } };
}
