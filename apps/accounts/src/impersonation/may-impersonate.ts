import type { Role } from '@backhaul/http';

/** From the most powerful to the least. */
const RANKS: readonly Role[] = [
  'platform-operator',
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-senior-customer-service',
  'partner-customer-service',
  'partner-read-only',
  'partner-api',
  'power-user',
];
const IMPERSONATORS: readonly Role[] = RANKS.slice(1, 5);

export const isAbove = (role: Role, other: Role): boolean => RANKS.indexOf(role) < RANKS.indexOf(other);

export const isImpersonator = (role: Role): boolean => IMPERSONATORS.includes(role);

/** Customer service and above act as others, never as somebody with more power than their own. */
export const mayImpersonate = (actor: Role, target: Role): boolean =>
  isImpersonator(actor) && !isAbove(target, actor);
