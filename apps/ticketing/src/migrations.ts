import { PERSISTENCE_MIGRATIONS } from '@backhaul/persistence';
import { ReadModels1763800000000 } from './migrations/1763800000000-read-models.js';
import { IncidentsAndLanes1763800100000 } from './migrations/1763800100000-incidents-and-lanes.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  ReadModels1763800000000,
  IncidentsAndLanes1763800100000,
];
