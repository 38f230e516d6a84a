import {
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  PERSISTENCE_MIGRATIONS,
} from '@backhaul/persistence';
import { Syncs1764200000000 } from './migrations/1764200000000-syncs.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  Syncs1764200000000,
];
