import type { CanonicalEvent, IsoTime, Status } from './canonical-event.js';

/** An event with this flag says nothing about order: its clock is wrong. */
export const TIME_IN_FUTURE = 'time_in_future';

const INCONCLUSIVE: ReadonlySet<Status> = new Set(['running', 'queued', 'unknown']);

/**
 * Whether the event ends a run that was meant to save something, not a dry run, and so moves the watermark of its account, job and kind. What was only observed
 * from outside (a missed run) does not: the result itself may still arrive, with an older time, and must count.
 */
export function isConclusive(event: Pick<CanonicalEvent, 'outcome' | 'flags'>): boolean {
  const { phase, status, dryRun } = event.outcome;
  if (dryRun || event.flags.includes(TIME_IN_FUTURE)) return false;
  return phase === 'finished' && !INCONCLUSIVE.has(status);
}

export function isSuccess(status: Status): boolean {
  return status === 'success' || status === 'success_with_warnings';
}

export interface OrderedResult {
  occurredAt: IsoTime;
  status: Status;
  /** As `isConclusive` says; what is inconclusive is never late. */
  conclusive: boolean;
}

/**
 * Whether a result comes too late to change anything (F33): a success is late when a result as new or newer
 * was stored before it, any other result when a strictly newer one was. Equal times therefore leave a failure
 * in force whichever of the two arrived first.
 *
 * @param newestBefore the time of the newest conclusive result of the same account, job and kind stored before
 */
export function isLate(result: OrderedResult, newestBefore: IsoTime | null): boolean {
  if (!result.conclusive || newestBefore === null) return false;
  const at = Date.parse(result.occurredAt);
  const newest = Date.parse(newestBefore);
  return isSuccess(result.status) ? at <= newest : at < newest;
}

/** The watermark after a result. */
export function watermarkAfter(result: OrderedResult, newestBefore: IsoTime | null): IsoTime | null {
  if (!result.conclusive) return newestBefore;
  if (newestBefore === null) return result.occurredAt;
  return Date.parse(result.occurredAt) > Date.parse(newestBefore) ? result.occurredAt : newestBefore;
}
