import { normalNetwork, Problem, type ProblemError } from '@backhaul/http';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A leap year, too, is a year. */
const LONGEST_MS = 366 * DAY_MS;
const USUAL_MS = 365 * DAY_MS;
const HOUR_MS = 60 * 60 * 1000;

/** When a key ends: as asked for, within a year; a year from now when nobody says. @throws Problem 422 */
export function endOf(asked: string | null | undefined, now: Date): Date {
  if (!asked) return new Date(now.getTime() + USUAL_MS);
  const end = new Date(asked);
  if (end <= now) throw refused('The key would never work.', 'must be in the future', 'future');
  if (end.getTime() - now.getTime() > LONGEST_MS)
    throw refused('No key works longer than a year.', 'must be within a year from now', 'max');
  return end;
}

/** The successor of a key lives as long as that was meant to. */
export function successorsEnd(old: { createdAt: Date; expiresAt: Date | null }, now: Date): Date {
  const lifeMs = (old.expiresAt?.getTime() ?? Infinity) - old.createdAt.getTime();
  return new Date(now.getTime() + Math.min(lifeMs, USUAL_MS));
}

/** How long a replaced key works on; null: it ends now. */
export const overlapEnd = (hours: number, now: Date): Date | null =>
  hours === 0 ? null : new Date(now.getTime() + hours * HOUR_MS);

/** As they are kept, each once. @throws Problem 400 that points to each that is none */
export function allowedNetworks(given: readonly string[]): string[] {
  const normal = given.map((text) => normalNetwork(text));
  const errors: ProblemError[] = normal.flatMap((network, index) =>
    network === null
      ? { pointer: `/allowedCidrs/${index}`, detail: 'must be an IP address or a CIDR', rule: 'isCidr' }
      : [],
  );
  if (errors.length > 0) throw Problem.badRequest(errors);
  return [...new Set(normal.flatMap((network) => network ?? []))];
}

function refused(why: string, detail: string, rule: string): Problem {
  return Problem.unprocessable(why, [{ pointer: '/expiresAt', detail, rule }]);
}
