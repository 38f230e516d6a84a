import { PERSISTENCE_MIGRATIONS } from '@backhaul/persistence';
import { ReadModels1763800000000 } from './migrations/1763800000000-read-models.js';
import { IncidentsAndLanes1763800100000 } from './migrations/1763800100000-incidents-and-lanes.js';
import { ClaimsAndTries1763800200000 } from './migrations/1763800200000-claims-and-tries.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  ReadModels1763800000000,
  IncidentsAndLanes1763800100000,
  ClaimsAndTries1763800200000,
];
