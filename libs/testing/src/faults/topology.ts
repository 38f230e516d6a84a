/** Those that own a database. */
export const STORES = [
  'accounts',
  'ingestion',
  'notifications',
  'ticketing-connectwise',
  'ticketing-autotask',
  'billing-sync-connectwise',
  'billing-sync-autotask',
] as const;
export type StoreName = (typeof STORES)[number];

export const SERVICES = ['psa-simulator', ...STORES, 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

export const PROVIDERS = ['connectwise', 'autotask'] as const;
export type Provider = (typeof PROVIDERS)[number];

export const ticketingOf = (provider: Provider): `ticketing-${Provider}` => `ticketing-${provider}`;
/** The app of a service; ticketing and billing-sync run once for each PSA. */
export const appOf = (name: string): string => name.replace(/^(ticketing|billing-sync)-.*/, '$1');

/** Seconds where production has minutes, so that a row sees what it waits for; the order among them is production's. */
export const QUICK = {
  PSA_SEARCH_LAG_MS: '1500',
  PSA_REQUEST_TIMEOUT_MS: '1500',
  PSA_MAX_IN_FLIGHT: '4',
  PSA_MAX_PER_MINUTE: '6000',
  LANE_LEASE_MS: '8000',
  PUSH_LEASE_MS: '8000',
  PUSH_MAX_PER_MINUTE: '600',
  BREAKER_VOLUME: '6',
  BREAKER_RESET_MS: '1000',
  // The machine of a test run may be busy with anything.
  LOAD_SHEDDING: 'off',
} as const;
