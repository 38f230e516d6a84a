import { type CanonicalEvent, type EventType, isConclusive } from '@backhaul/domain';

/** A backup that ended, as the figures count it. */
export interface CountedResult {
  eventId: string;
  partnerId: string;
  custId: number;
  /** The UTC day on which it ended, `2026-11-22`. */
  day: string;
  isSuccessful: boolean;
}

const SUCCESSFUL: ReadonlySet<EventType> = new Set(['backup.completed', 'backup.completed_warnings']);
const FAILED: ReadonlySet<EventType> = new Set([
  'backup.completed_errors', 'backup.failed', 'backup.timeout', 'backup.abandoned', 'quota.exceeded',
]); // prettier-ignore

/**
 * Null for what is no backup that came to an end: a restore, a run that goes on, a rehearsal, one that a person
 * cancelled, one that never began, and what says a time that has not come.
 */
export function resultOf(event: CanonicalEvent): CountedResult | null {
  const { eventId, type, tenant, occurredAt } = event;
  const isSuccessful = SUCCESSFUL.has(type);
  const isCounted = (isSuccessful || FAILED.has(type)) && event.job.kind === 'backup' && isConclusive(event);
  if (!isCounted || tenant.customerId === null) return null;
  const { partnerId, customerId: custId } = tenant;
  return { eventId, partnerId, custId, day: occurredAt.slice(0, 10), isSuccessful };
}
