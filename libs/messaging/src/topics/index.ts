/** The catalogue: what is listed here is created at start, and nothing else exists. */
import { accountsAccounts } from './accounts-accounts.js';
import { accountsApiKeys } from './accounts-api-keys.js';
import { accountsBrands } from './accounts-brands.js';
import { accountsConnections } from './accounts-connections.js';
import { accountsCustomerMap } from './accounts-customer-map.js';
import { accountsCustomers } from './accounts-customers.js';
import { accountsPartners } from './accounts-partners.js';
import { apiKeyUses } from './api-key-uses.js';
import { auditEntries } from './audit-entries.js';
import { auditHeads } from './audit-heads.js';
import { backupEvents } from './backup-events.js';
import { connectionChecks } from './connection-checks.js';
import { mailOutcomes } from './mail-outcomes.js';
import { mailRequests } from './mail-requests.js';
import { mapChecks } from './map-checks.js';
import { notificationDecisions } from './notification-decisions.js';
import { syncOutcomes } from './sync-outcomes.js';
import { autotaskSyncRequests, connectwiseSyncRequests } from './sync-requests.js';
import { ticketOutcomes } from './ticket-outcomes.js';
import { ticketingBreakers } from './ticketing-breakers.js';
import { autotaskTicketRequests, connectwiseTicketRequests } from './ticket-requests.js';

export const TOPICS = [
  accountsPartners,
  accountsBrands,
  accountsCustomers,
  accountsAccounts,
  accountsApiKeys,
  accountsConnections,
  accountsCustomerMap,
  apiKeyUses,
  auditEntries,
  auditHeads,
  backupEvents,
  connectionChecks,
  mapChecks,
  notificationDecisions,
  mailRequests,
  mailOutcomes,
  connectwiseTicketRequests,
  autotaskTicketRequests,
  ticketOutcomes,
  ticketingBreakers,
  connectwiseSyncRequests,
  autotaskSyncRequests,
  syncOutcomes,
] as const;
