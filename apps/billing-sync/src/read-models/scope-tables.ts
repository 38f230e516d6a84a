import type { ScopeColumns, ScopeTables } from '@backhaul/persistence';

/** Where this service keeps what a scope is decided by. */
export const TABLES: ScopeTables = { customers: 'known_customer', brands: 'known_brand' };
/** Figures belong to a customer: who sees one account sees none of them. */
export const COLUMNS: ScopeColumns = { partner: 'partner_id', customer: 'cust_id' };
