import { type Principal, READERS } from '@backhaul/http';
import type { Change, Kind } from './change.js';

type Viewer = Pick<Principal, 'partnerId' | 'brandId' | 'onlyAccountNo' | 'role'>;

const MANAGERS: readonly string[] = ['partner-senior-manager', 'partner-senior-it-manager'];
const OF_END_USERS: readonly Kind[] = ['event', 'incident', 'ticket'];

/** Roles that may listen at all. */
export const LISTENERS: readonly string[] = [...READERS, 'power-user'];

/**
 * Whether somebody may hear of a change, as the lists of the same things would show it. `pathOf`: the brands from the
 * root to a brand. What cannot be placed is told to those alone who see the whole partner. Pure.
 */
export function maySee(
  viewer: Viewer,
  change: Change,
  pathOf: (brandId: string) => readonly string[] | undefined,
): boolean {
  if (change.partnerId !== viewer.partnerId || !LISTENERS.includes(viewer.role)) return false;
  const isWhole = viewer.brandId === null && viewer.onlyAccountNo === null;
  if (change.kind === 'connection') return isWhole && MANAGERS.includes(viewer.role);
  if (viewer.role === 'power-user' && !OF_END_USERS.includes(change.kind)) return false;
  if (isWhole) return true;
  if (viewer.onlyAccountNo !== null && change.accountNo !== viewer.onlyAccountNo) return false;
  if (viewer.brandId === null) return true;
  const { brandId } = change;
  return typeof brandId === 'string' && (pathOf(brandId) ?? [brandId]).includes(viewer.brandId);
}
