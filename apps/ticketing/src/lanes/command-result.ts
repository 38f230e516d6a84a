import type { PsaOutcome, PsaReason } from '@backhaul/psa';
import type { HeadCommand } from './lane.repository.js';

/** What a failed call leads to. */
export interface FailurePlan {
  /** `planned`: it did not reach the PSA. `unknown`: it may have. `dead`: it never will. */
  status: 'planned' | 'unknown' | 'dead';
  delayMs: number;
  /** The connection rests, for this long. */
  pauseMs: number | null;
  /** The lane waits for a person, a map or credentials. */
  needsAttention: boolean;
}

export interface FailureFacts {
  outcome: PsaOutcome;
  reason: PsaReason;
  retryAfterMs: number | null;
  command: Pick<HeadCommand, 'kind' | 'status'>;
  /** Failures of this command in a row, this one not counted. */
  attempts: number;
  /** 0 to 1. */
  jitter: number;
}

const CREDENTIAL_PAUSE_MS = 15 * 60_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** A ticket that vanished between two calls: looked at again a few times, then it is a person's matter. */
const NOT_FOUND_TRIES = 3;

export const backoffMs = (attempts: number, jitter: number): number =>
  Math.min(LONGEST_DELAY_MS, 1000 * 2 ** Math.min(attempts, 9)) * (0.5 + jitter / 2);

/** The table of outcomes, as a function: try again, search first, or never. */
export function planFailure({
  outcome,
  reason,
  retryAfterMs,
  command,
  attempts,
  jitter,
}: FailureFacts): FailurePlan {
  // Once a call's fate is unknown, a later refusal does not tell what became of it. Opening again is two calls: that
  // the note was not sent says nothing of the status.
  const asBefore = command.status === 'planned' && command.kind !== 'reopen' ? 'planned' : 'unknown';
  const later = { pauseMs: null, needsAttention: false, delayMs: backoffMs(attempts, jitter) };
  switch (outcome) {
    case 'not_sent':
      return { ...later, status: asBefore };
    case 'unknown':
      // A search that finds the ticket is right at any time; only creating again waits until it has settled.
      return { ...later, status: 'unknown' };
    case 'retry_after': {
      const delayMs = retryAfterMs ?? 30_000 * 2 ** Math.min(attempts, 4);
      return { ...later, status: asBefore, delayMs, pauseMs: delayMs };
    }
    case 'credential':
      return { ...later, status: asBefore, delayMs: 0, pauseMs: CREDENTIAL_PAUSE_MS };
    case 'definitive':
      if (reason === 'not_found' && command.kind !== 'create' && attempts < NOT_FOUND_TRIES)
        return { ...later, status: asBefore };
      // Without its ticket nothing else of the incident can be written; a note can be left out.
      return command.kind === 'note'
        ? { ...later, status: 'dead', delayMs: 0 }
        : { ...later, status: asBefore, delayMs: 0, needsAttention: true };
  }
}
