import type { Place } from './sealed-text.js';

/** Where the secrets of a partner's link to a PSA belong, in every service; in other words they do not open. */
export const placeOfConnection = ({
  partnerId,
  connectionId,
}: {
  partnerId: string;
  connectionId: string;
}): Place => ({ tenant: partnerId, table: 'psa_connection', column: 'sealed_secret', rowId: connectionId });
