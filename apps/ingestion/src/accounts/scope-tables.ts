import type { ScopeTables } from '@backhaul/persistence';

/** Where this service keeps what a scope is decided by. */
export const TABLES: ScopeTables = { customers: 'customer', brands: 'known_brand' };
