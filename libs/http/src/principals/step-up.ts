import { systemClock } from '@backhaul/domain';
import { Problem } from '../problems/problem.js';
import type { Principal } from './principal.js';

/** How long a proof of identity lasts for what needs a recent one. */
export const STEP_UP_S = 10 * 60;

/** A person must have proved within 10 minutes who they are; programs have nothing to prove. Throws 403. */
export function assertSteppedUp({ steppedUpAt }: Principal): void {
  if (steppedUpAt === null) return;
  if (systemClock.now().getTime() / 1000 - steppedUpAt <= STEP_UP_S) return;
  throw Problem.forbidden('Prove who you are once more: POST /api/v1/session/step-up.', 'step-up-required');
}

/** Secrets, credentials and rights are a person's own: nobody touches them as somebody else. Throws 403. */
export function assertNotImpersonating({ actor }: Principal): void {
  if (actor) throw Problem.forbidden('This cannot be done while impersonating.', 'impersonating');
}
