export { createDataSource, type DatabaseRole, type DataSourceSettings } from './data-source.js';
export { migrate } from './migrate.js';
export {
  CreateMessaging1763000000000,
  OutboxOrder1763000200000,
  PERSISTENCE_MIGRATIONS,
} from './migrations.js';
export {
  brokenConstraint,
  isDataError,
  repeatLost,
  rowsOf,
  sqlStateOf,
  type Tx,
  txOf,
  UnitOfWork,
} from './unit-of-work.js';
export { claimInbox, purgeInbox } from './inbox.js';
export { PostgresAttemptStore } from './attempts.js';
export {
  bucketOf,
  BUCKETS,
  outboxMessage,
  type OutboxMessage,
  publish,
  publishAll,
} from './outbox/publish.js';
export { outboxBacklog } from './outbox/backlog.js';
export { type Leases, RelayLeases } from './outbox/leases.js';
export { DatabaseTime } from './database-time.js';
export { type Claimable, Dispatcher, type DispatcherSettings } from './dispatcher.js';
export { Repeated } from './repeated.js';
export { JoinedSource } from './outbox/joined-source.js';
export { OutboxSource, type RelayRow, type RelaySource } from './outbox/outbox-source.js';
export { Relay, type RelayOptions } from './outbox/relay.js';
export { newDataKey, rewrapKey, type WrappedKey, wrapKey } from './sealing/data-key.js';
export { type Kek, Keyring } from './sealing/keyring.js';
export { amendFields, fieldNames, sealFields, withWrappedKey } from './sealing/seal-fields.js';
export { seal } from './sealing/seal-v1.js';
export { SealError } from './sealing/seal-error.js';
export { parseSealed, type Place, type SealedText } from './sealing/sealed-text.js';
export { KnownBrands1763000300000, putKnownBrands } from './known-brands.js';
export { putKnownCustomers, putKnownPartners } from './known-customers.js';
export { placeOfConnection } from './sealing/connection-place.js';
export {
  acrossTenantsForOperators,
  brandWithin,
  customerWithin,
  isNarrow,
  nothing,
  type ScopeColumns,
  type ScopeTables,
  withinScope,
} from './scope.js';
export type { Scope } from '@backhaul/domain';
export {
  auditEntryOf, type AuditedAct, type AuditTrail, outboxAuditTrail,
} from './audit/audit-trail.js'; // prettier-ignore
export {
  asCaller,
  asServiceItself,
  currentCaller,
  EVERY_PARTNER,
  type RequestCaller,
} from './tenancy/tenant-context.js';
export {
  CheaperPolicies1763990000000, createRuntimeRole, grantRuntime, protectTables, RUNTIME_ROLE, unprotectTables,
} from './tenancy/row-level-security.js'; // prettier-ignore
export { DeadLetters1764000100000 } from './dead-letters/create-dead-letters.js';
export { UnsentAreLetters1764140000000 } from './dead-letters/unsent-are-letters.js';
export { DeadLetterDesk, type LetterDone, type LettersDone } from './dead-letters/dead-letter-desk.js';
export {
  DeadLetterRepository,
  type Letter,
  type LetterGroup,
} from './dead-letters/dead-letter.repository.js';
export {
  DeadLetterTable,
  type Handled,
  letterBacklogAcrossTenants,
  noteOvertaken,
} from './dead-letters/dead-letter.table.js';
export { TenantRepository } from './tenant-repository.js';
export { CreateIdempotency1763000100000, IdempotencyTable, type KeptAnswer } from './idempotency.js';
