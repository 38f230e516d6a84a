import type { Role } from '../principals/principal.js';

/** Where a thing stands, seen from the brand of who asks. */
export const RELATIONS = [
  'own',
  'child',
  'grandchild',
  'sibling',
  'parent',
  'other partner',
  /** Of a partner that is suspended. */
  'suspended',
  /** It was the caller's own, and is gone. */
  'deleted',
  'never was',
] as const;
export type Relation = (typeof RELATIONS)[number];
export type Things<T> = Record<Relation, T>;

const SENIOR: Role[] = ['partner-senior-manager'];
const MANAGERS: Role[] = [...SENIOR, 'partner-senior-it-manager'];
const CREATORS: Role[] = [...MANAGERS, 'partner-senior-customer-service'];
const CHANGERS: Role[] = [...CREATORS, 'partner-customer-service'];
const READERS: Role[] = [...CHANGERS, 'partner-read-only', 'partner-api'];
const AUDITORS: Role[] = [...MANAGERS, 'partner-read-only', 'partner-api'];
/** Groups of roles as docs/ARCHITECTURE.md words them; written apart from what the controllers say. */
export const MAY = { SENIOR, MANAGERS, CREATORS, CHANGERS, READERS, AUDITORS };

/**
 * The whole policy, whatever a service does: a role that may, and a thing at or below the caller's brand; an end user
 * has the one account.
 */
export function expected(
  role: Role,
  allowed: readonly Role[],
  relation: Relation,
): 'denied' | 'hidden' | 'seen' {
  if (!allowed.includes(role)) return 'denied';
  if (role === 'power-user') return relation === 'own' ? 'seen' : 'hidden';
  return ['own', 'child', 'grandchild'].includes(relation) ? 'seen' : 'hidden';
}

/** What an answer says about the thing; any status but 403 and 404 knows of it. */
export const outcomeOf = (status: number): string => ({ 403: 'denied', 404: 'hidden' })[status] ?? 'seen';
