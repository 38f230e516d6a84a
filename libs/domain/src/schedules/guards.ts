import type { Due } from './due.js';

const MINUTE_MS = 60_000;

/** A time in which reports may have been turned away or not taken at all. */
export interface Outage {
  fromMs: number;
  toMs: number;
}

/** Beats come every few seconds; a longer pause is an outage, or a clock that jumped. */
export const LONGEST_PAUSE_MS = 15_000;

/**
 * What a beat of the way in tells: it was down since the last one, or turned reports away meanwhile. Null: all is well.
 * A clock that was put back tells nothing.
 */
export function outageAt(lastBeatMs: number, nowMs: number, hasRefused: boolean): Outage | null {
  if (nowMs <= lastBeatMs) return null;
  const isLong = nowMs - lastBeatMs > LONGEST_PAUSE_MS;
  return isLong || hasRefused ? { fromMs: lastBeatMs, toMs: nowMs } : null;
}

/**
 * The end of the last outage that may have swallowed the report that is waited for; null: it is the agent that is silent.
 */
export function swallowedUntil({ expectedMs, dueMs }: Due, outages: readonly Outage[]): number | null {
  const touching = outages.filter(({ fromMs, toMs }) => toMs > expectedMs && fromMs < dueMs);
  return touching.length > 0 ? Math.max(...touching.map(({ toMs }) => toMs)) : null;
}

/** Of all that is watched, so much at once is a fault of ours rather than of so many machines. */
export interface BrakeLimits {
  share: number;
  /** Up to so many are believed, however few are watched. */
  floor: number;
}

export const PARTNER_BRAKE: BrakeLimits = { share: 0.05, floor: 10 };
export const PLATFORM_BRAKE: BrakeLimits = { share: 0.01, floor: 50 };
/** In how long alarms are counted together. */
export const BRAKE_WINDOW_MS = 5 * MINUTE_MS;
/** How long alarms are held. */
export const HOLD_MS = 30 * MINUTE_MS;
/** For how long, after a hold, they are not held again: what was held comes out now. */
export const RELEASE_MS = 60 * MINUTE_MS;

export function isTooMany(alarms: number, watched: number, { share, floor }: BrakeLimits): boolean {
  return alarms > Math.max(floor, watched * share);
}

/** Alarms are held until `releasesMs`; from then until `endsMs` they are let out. */
export interface Hold {
  heldMs: number;
  releasesMs: number;
  endsMs: number;
}

export const holdFrom = (nowMs: number, heldMs = nowMs): Hold => ({
  heldMs,
  releasesMs: nowMs + HOLD_MS,
  endsMs: nowMs + HOLD_MS + RELEASE_MS,
});

/** Somebody lets out what is held: whatever was lost before counts no more. */
export const letOut = (nowMs: number): Hold => ({
  heldMs: nowMs,
  releasesMs: nowMs,
  endsMs: nowMs + RELEASE_MS,
});

/** The hold as it goes on, `null` once it is over. It is not released out of a time in which reports were lost. */
export function holdAt(hold: Hold, nowMs: number, outages: readonly Outage[]): Hold | null {
  if (nowMs >= hold.endsMs) return null;
  if (nowMs < hold.releasesMs) return hold;
  const isUnsound = outages.some(({ fromMs, toMs }) => toMs > hold.heldMs && fromMs < hold.releasesMs);
  return isUnsound ? holdFrom(nowMs, hold.releasesMs) : hold;
}

export const isHolding = (hold: Hold, nowMs: number): boolean => nowMs < hold.releasesMs;
