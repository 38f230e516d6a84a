import {
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  PERSISTENCE_MIGRATIONS,
} from '@backhaul/persistence';
import { CreateEventLog1763710000000 } from './migrations/1763710000000-create-event-log.js';
import { CreateEventActions1763710000001 } from './migrations/1763710000001-create-event-actions.js';
import { CreateAccountReadModel1763710000002 } from './migrations/1763710000002-create-account-read-model.js';
import { CreateEndpoints1763710000003 } from './migrations/1763710000003-create-endpoints.js';
import { HoldKopiaErrors1763710000004 } from './migrations/1763710000004-hold-kopia-errors.js';
import { RowLevelSecurity1763710000005 } from './migrations/1763710000005-row-level-security.js';
import { EndpointKeyEnds1763850000000 } from './migrations/1763850000000-endpoint-key-ends.js';
import { Operations1763860100000 } from './migrations/1763860100000-operations.js';
import { SearchColumns1763860000000 } from './migrations/1763860000000-search-columns.js';
import { TicketWarnings1764000300000 } from './migrations/1764000300000-ticket-warnings.js';
import { Schedules1764100000000 } from './migrations/1764100000000-schedules.js';
import { EventKeys1764200000000 } from './migrations/1764200000000-event-keys.js';
import { PartitionEventLog1764200100000 } from './migrations/1764200100000-partition-event-log.js';
import { EventRetention1764200200000 } from './migrations/1764200200000-event-retention.js';
import { HeldAlarms1764300000000 } from './migrations/1764300000000-held-alarms.js';
import { SavedSearches1764410000000 } from './migrations/1764410000000-saved-searches.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  CreateEventLog1763710000000,
  CreateEventActions1763710000001,
  CreateAccountReadModel1763710000002,
  CreateEndpoints1763710000003,
  HoldKopiaErrors1763710000004,
  RowLevelSecurity1763710000005,
  EndpointKeyEnds1763850000000,
  SearchColumns1763860000000,
  Operations1763860100000,
  TicketWarnings1764000300000,
  Schedules1764100000000,
  EventKeys1764200000000,
  PartitionEventLog1764200100000,
  EventRetention1764200200000,
  HeldAlarms1764300000000,
  SavedSearches1764410000000,
];
