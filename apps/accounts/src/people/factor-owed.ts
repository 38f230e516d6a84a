import { type FactorOwed, Problem } from '@backhaul/http';
import type { Person } from './person.js';

export type Factors = Pick<Person, 'hasSecondFactor' | 'hasPasskey' | 'isSecondFactorRequired'>;

/**
 * What a session owes before it opens anything else: `add` where its person has no second factor, `prove` where the
 * session was shown none; null where nothing is owed, or nothing `isRequired`.
 */
export function factorOwed(
  person: Factors,
  { hasShownFactor }: { hasShownFactor: boolean },
  isRequired = person.isSecondFactorRequired,
): FactorOwed | null {
  if (!isRequired) return null;
  if (!person.hasSecondFactor && !person.hasPasskey) return 'add';
  return hasShownFactor ? null : 'prove';
}

/** What is owed before `actor` acts as `target`: the own factor counts, for the brand of either. */
export const factorOwedAs = (
  target: Factors,
  actor: Factors,
  session: { hasShownFactor: boolean },
): FactorOwed | null =>
  factorOwed(actor, session, actor.isSecondFactorRequired || target.isSecondFactorRequired);

/** A factor goes, and another one stays where the brand demands one. @throws Problem 409 */
export function assertFactorLeft({ isSecondFactorRequired, hasSecondFactor, hasPasskey }: Factors): void {
  if (!isSecondFactorRequired || hasSecondFactor || hasPasskey) return;
  throw Problem.conflict(
    'Your brand demands a second factor, and this is the last; add another one first, or ask a manager to take it away.',
  );
}
