import { PERSISTENCE_MIGRATIONS } from '@backhaul/persistence';
import { Rules1763600000000 } from './migrations/1763600000000-rules.js';
import { Raised1763600100000 } from './migrations/1763600100000-raised.js';
import { Idempotency1763600200000 } from './migrations/1763600200000-idempotency.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  Rules1763600000000,
  Raised1763600100000,
  Idempotency1763600200000,
];
