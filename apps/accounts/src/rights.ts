import { READERS, type Role, Roles, ROLES } from '@backhaul/http';

const MANAGERS = ['partner-senior-manager', 'partner-senior-it-manager'] as const;

/** Who may do what; the table of roles in docs/ARCHITECTURE.md. */
export const MayRead = () => Roles(...READERS);
/** An end user, too, sees and changes the own account. */
export const MayReadAccounts = () => Roles(...READERS, 'power-user');
export const MayCreateAccounts = () => Roles(...MANAGERS, 'partner-senior-customer-service');
export const MayChangeAccounts = () =>
  Roles(...MANAGERS, 'partner-senior-customer-service', 'partner-customer-service', 'power-user');
export const MayManage = () => Roles(...MANAGERS);
export const MayReadMap = () => Roles(...MANAGERS, 'partner-read-only', 'partner-api');
/** What everybody may do about themselves. */
export const ForEverybody = () => Roles(...ROLES);
/** Credentials of a PSA and of programs: the senior manager alone. */
export const MaySetUp = () => Roles('partner-senior-manager');

/** Senior managers give every role, senior IT managers all but that one, others none. */
export function mayGive(giver: Role, role: Role): boolean {
  if (role === 'platform-operator') return false;
  if (giver === 'partner-senior-manager') return true;
  return giver === 'partner-senior-it-manager' && role !== 'partner-senior-manager';
}
