import { Problem } from '@backhaul/http';
import { SealError } from '@backhaul/persistence';
import { isLateAnswer, PsaError, wordsOf } from '@backhaul/psa';
import type { Refused } from './call-budget.js';

/** @param step what was tried, such as `reading queues` */
export function setupProblem(error: unknown, step: string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof SealError && error.reason === 'key_missing')
    return Problem.unavailable(60, 'The platform cannot open the stored credentials at the moment.', error);
  if (error instanceof SealError)
    return Problem.conflict('The stored credentials cannot be opened any more: enter them again.');
  if (!(error instanceof PsaError)) throw error;
  const { outcome, reason, retryAfterMs } = error;
  if (reason === 'setting_missing')
    return Problem.conflict('The credentials are not complete: enter them again.');
  if (outcome === 'retry_after')
    return Problem.unavailable((retryAfterMs ?? 30_000) / 1000, `While ${step}: the PSA asks us to wait.`);
  if (isLateAnswer(reason)) return Problem.gatewayTimeout(`While ${step}: the PSA did not answer in time.`);
  return Problem.badGateway(`While ${step}: ${wordsOf(reason)}.`);
}

export function heldProblem({ waitS, why }: Refused): Problem {
  switch (why) {
    case 'breaker':
      return Problem.unavailable(waitS, 'The PSA is down: calls to it wait until it answers again.');
    case 'rate_limited':
      return Problem.unavailable(waitS, 'The PSA asks us to wait.');
    case 'budget':
      return Problem.tooMany(waitS, 'The calls that this PSA allows are used up for the moment.');
  }
}
