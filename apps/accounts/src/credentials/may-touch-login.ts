import { type Principal, Problem, type Role } from '@backhaul/http';
import { isAbove } from '../impersonation/may-impersonate.js';
import type { Person } from '../people/person.js';

const HELPERS: readonly Role[] = [
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-senior-customer-service',
  'partner-customer-service',
];

/**
 * Everybody their own login; customer service and above those of others, but never of somebody with more power: a
 * password set is a login taken over. @throws Problem 403
 */
export function assertMayTouchLogin(
  { accountNo, role }: Principal,
  { accountNo: no, role: its }: Person,
): void {
  if (accountNo !== null && accountNo === no) return;
  if (!HELPERS.includes(role) || isAbove(its, role))
    throw Problem.forbidden('Your role may not change this login.');
}
