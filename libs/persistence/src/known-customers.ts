import type { CustomerPayload, PartnerPayload } from '@backhaul/messaging';
import type { Tx } from './unit-of-work.js';

/** Writes a service's copy of partners: `known_partner (partner_id, name, is_suspended)`. */
export async function putKnownPartners(
  tx: Tx,
  newest: ReadonlyMap<string, PartnerPayload | null>,
): Promise<void> {
  for (const [partnerId, partner] of sorted(newest)) {
    if (!partner) await tx.query('DELETE FROM known_partner WHERE partner_id = $1', [partnerId]);
    else
      await tx.query(
        `INSERT INTO known_partner VALUES ($1, $2, $3) ON CONFLICT (partner_id)
         DO UPDATE SET name = excluded.name, is_suspended = excluded.is_suspended`,
        [partner.partnerId, partner.name, partner.isSuspended],
      );
  }
}

/** Writes a service's copy of customers: `known_customer (partner_id, cust_id, name, brand_id)`. */
export async function putKnownCustomers(
  tx: Tx,
  newest: ReadonlyMap<string, CustomerPayload | null>,
): Promise<void> {
  for (const [key, customer] of sorted(newest)) {
    if (!customer)
      await tx.query('DELETE FROM known_customer WHERE partner_id = $1 AND cust_id = $2', key.split(':'));
    else
      await tx.query(
        `INSERT INTO known_customer (partner_id, cust_id, name, brand_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (partner_id, cust_id) DO UPDATE SET name = excluded.name, brand_id = excluded.brand_id`,
        [customer.partnerId, customer.custId, customer.name, customer.brandId],
      );
  }
}

/** In one order everywhere, so that two consumers cannot wait for each other in a circle. */
const sorted = <P>(newest: ReadonlyMap<string, P | null>): [string, P | null][] =>
  [...newest].sort(([a], [b]) => (a < b ? -1 : 1));
