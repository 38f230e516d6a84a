import type { AccountNo, BrandId, PartnerId } from './ids.js';

/** Operators of the platform belong to no partner. */
export const PLATFORM = '00000000-0000-0000-0000-000000000000' as PartnerId;

/** Whose rows a call may see. */
export interface Scope {
  partnerId: PartnerId;
  /** The top of the brands that are seen; null: the partner's whole tree. */
  brandId: BrandId | null;
  /** Who sees nothing but one account; null: every account of these brands. */
  onlyAccountNo: AccountNo | null;
}

/** For what acts for the partner itself, not for somebody who logged in. */
export const wholePartner = (partnerId: PartnerId): Scope => ({
  partnerId,
  brandId: null,
  onlyAccountNo: null,
});
