export { createKafka, type KafkaSettings } from './kafka.js';
export { Batcher, type BatcherOptions } from './batcher.js';
export { crashPoint } from './crash-point.js';
export { headersOf, type OutgoingRecord, toRecord } from './record.js';
export { tellApiKeyUses } from './tell-api-key-uses.js';
export { Publisher, PublishError } from './publisher.js';
export { ensureTopics } from './ensure-topics.js';
export { isPoison, PoisonError } from './dead-letter.js';
export {
  type DeadLetterStore,
  isOvertaken,
  OVERTAKEN_HEADER,
  NO_REPLAYER,
  type Replayer,
  type SetAside,
  type StoredRecord,
} from './dead-letter-store.js';
export { DEAD_LETTER_CLASSES, type DeadLetterClass, deadLetterTopic } from './topics/dead-letters.js';
export { type Delivered, newestOf } from './decode.js';
export { OnTopic } from './on-topic.js';
export { type AttemptStore } from './chunk-runner.js';
export type { ConsumerObserver, KafkaBatchServerOptions } from './kafka-batch-options.js';
export { KafkaBatchServer } from './kafka-batch-server.js';
export { CompactedTable, type CompactedTableOptions } from './compacted-table.js';
export { TopicDirectory } from './topic-directory.js';
export { type PassingRecord, TopicTail } from './topic-tail.js';
export { readSince, type ReadSinceOptions } from './read-since.js';
export { type Envelope, type ServiceName, SERVICES, type Topic } from './topics/topic.js';
export { TOPICS } from './topics/index.js';
export { BackupEventPayload, backupEvents } from './topics/backup-events.js';
export {
  autotaskTicketRequests,
  connectwiseTicketRequests,
  type Provider,
  PROVIDERS,
  TICKET_INTENTS,
  TicketRequestPayload,
  TicketSite,
  TicketSubject,
} from './topics/ticket-requests.js';
export {
  DecidedAction,
  NotificationDecisionPayload,
  notificationDecisions,
} from './topics/notification-decisions.js';
export {
  OUTCOME_STATES,
  type OutcomeState,
  TicketOutcomePayload,
  ticketOutcomes,
} from './topics/ticket-outcomes.js';
export { SyncOutcomePayload, syncOutcomes } from './topics/sync-outcomes.js';
export { autotaskSyncRequests, connectwiseSyncRequests, SyncRequestPayload } from './topics/sync-requests.js';
export { BreakerPayload, ticketingBreakers } from './topics/ticketing-breakers.js';
export { accountsPartners, PartnerPayload } from './topics/accounts-partners.js';
export { AuditHeadPayload, auditHeads } from './topics/audit-heads.js';
export { auditEntries, AuditEntryPayload } from './topics/audit-entries.js';
export { accountsBrands, BrandPayload } from './topics/accounts-brands.js';
export { accountsCustomers, CustomerPayload } from './topics/accounts-customers.js';
export { accountsAccounts, AccountPayload } from './topics/accounts-accounts.js';
export { MailOutcomePayload, mailOutcomes } from './topics/mail-outcomes.js';
export {
  mailRequests,
  MailRequestPayload,
  REQUESTED_MAILS,
  type RequestedMail,
} from './topics/mail-requests.js';
export { accountsApiKeys, ApiKeyPayload } from './topics/accounts-api-keys.js';
export { ApiKeyUsePayload, apiKeyUses } from './topics/api-key-uses.js';
export { accountsConnections, ConnectionPayload, TicketingSettings } from './topics/accounts-connections.js';
export { ConnectionCheckPayload, connectionChecks } from './topics/connection-checks.js';
export { MapCheckPayload, mapChecks } from './topics/map-checks.js';
export { accountsCustomerMap, CustomerMapPayload } from './topics/accounts-customer-map.js';
