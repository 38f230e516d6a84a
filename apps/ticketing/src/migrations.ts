import { KnownBrands1763000300000, PERSISTENCE_MIGRATIONS } from '@backhaul/persistence';
import { ReadModels1763800000000 } from './migrations/1763800000000-read-models.js';
import { IncidentsAndLanes1763800100000 } from './migrations/1763800100000-incidents-and-lanes.js';
import { ClaimsAndTries1763800200000 } from './migrations/1763800200000-claims-and-tries.js';
import { CustomerBrands1763800300000 } from './migrations/1763800300000-customer-brands.js';
import { RowLevelSecurity1763800400000 } from './migrations/1763800400000-row-level-security.js';
import { CheaperUpdates1763800500000 } from './migrations/1763800500000-cheaper-updates.js';
import { ApprovedEgress1763870000000 } from './migrations/1763870000000-approved-egress.js';
import { RejectedCredentials1763880000000 } from './migrations/1763880000000-rejected-credentials.js';
import { WaitingSince1764000000000 } from './migrations/1764000000000-waiting-since.js';
import { TicketPlace1764000200000 } from './migrations/1764000200000-ticket-place.js';
import { SiteIncidents1764119100000 } from './migrations/1764119100000-site-incidents.js';
import { MapChecks1764130000000 } from './migrations/1764130000000-map-checks.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  KnownBrands1763000300000,
  ReadModels1763800000000,
  IncidentsAndLanes1763800100000,
  ClaimsAndTries1763800200000,
  CustomerBrands1763800300000,
  RowLevelSecurity1763800400000,
  CheaperUpdates1763800500000,
  ApprovedEgress1763870000000,
  RejectedCredentials1763880000000,
  WaitingSince1764000000000,
  TicketPlace1764000200000,
  SiteIncidents1764119100000,
  MapChecks1764130000000,
];
