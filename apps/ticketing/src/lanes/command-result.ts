import type { PsaOutcome } from '@backhaul/psa';
import type { HeadCommand } from './lane.repository.js';

/** What a failed call leads to. */
export interface FailurePlan {
  /** `planned`: it did not reach the PSA. `unknown`: it may have. `dead`: it never will. */
  status: 'planned' | 'unknown' | 'dead';
  delayMs: number;
  /** The connection rests, for this long. */
  pauseMs: number | null;
  isBreakerFailure: boolean;
  /** The lane waits for a person, a map or credentials. */
  needsAttention: boolean;
}

export interface FailureFacts {
  outcome: PsaOutcome;
  retryAfterMs: number | null;
  command: Pick<HeadCommand, 'kind' | 'status'>;
  /** Failures of this command in a row, this one not counted. */
  attempts: number;
  /** A ticket that may have been created can be found once this has passed. */
  settleMs: number;
  /** 0 to 1. */
  jitter: number;
}

const CREDENTIAL_PAUSE_MS = 15 * 60_000;
const LONGEST_DELAY_MS = 5 * 60_000;

const backoffMs = (attempts: number, jitter: number): number =>
  Math.min(LONGEST_DELAY_MS, 1000 * 2 ** Math.min(attempts, 9)) * (0.5 + jitter / 2);

/** The table of outcomes, as a function: try again, search first, or never. */
export function planFailure({
  outcome,
  retryAfterMs,
  command,
  attempts,
  settleMs,
  jitter,
}: FailureFacts): FailurePlan {
  // Once a call's fate is unknown, a later refusal does not tell what became of it.
  const asBefore = command.status === 'planned' ? 'planned' : 'unknown';
  const calm = { pauseMs: null, isBreakerFailure: false, needsAttention: false };
  switch (outcome) {
    case 'not_sent':
      return { ...calm, status: asBefore, delayMs: backoffMs(attempts, jitter), isBreakerFailure: true };
    case 'unknown':
      return {
        ...calm,
        status: 'unknown',
        delayMs: command.kind === 'create' ? settleMs : backoffMs(attempts, jitter),
        isBreakerFailure: true,
      };
    case 'retry_after':
      return {
        ...calm,
        status: asBefore,
        delayMs: retryAfterMs ?? 30_000 * 2 ** Math.min(attempts, 4),
        pauseMs: retryAfterMs ?? 30_000,
      };
    case 'credential':
      return { ...calm, status: asBefore, delayMs: 0, pauseMs: CREDENTIAL_PAUSE_MS };
    case 'definitive':
      // Without its ticket nothing else of the incident can be written; a note can be left out.
      return command.kind === 'note'
        ? { ...calm, status: 'dead', delayMs: 0 }
        : { ...calm, status: asBefore, delayMs: 0, needsAttention: true };
  }
}
