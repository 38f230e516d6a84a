export {
  type AllowList,
  type Approval,
  bareHost,
  parseAllowList,
  parseApproval,
} from './egress/allow-list.js';
export { Egress, type WayOut } from './egress/egress.js';
export { createEgressDispatcher, type EgressOptions } from './egress/egress.dispatcher.js';
export {
  PROVIDERS,
  createSetupPort,
  createStatisticsPort,
  createTicketPort,
  holdsStatistics,
} from './providers.js';
export {
  LOOKUPS,
  type Choice,
  type CompanyLink,
  type ChoiceProblem,
  type Contract,
  type Diagnosis,
  type Finding,
  type Lookup,
  type SettingProblem,
  type SettingsCheck,
  type SetupPort,
} from './setup-port.js';
export type { BackupStatistics, PushResult, StatisticsPort } from './statistics-port.js';
export {
  PSA_OUTCOMES,
  PSA_REASONS,
  PsaError,
  type PsaErrorFields,
  type PsaOutcome,
  type PsaReason,
} from './psa-error.js';
export { isLateAnswer, shownReason, wordsOf } from './psa-words.js';
export {
  PROVIDER_NAMES,
  type Capabilities,
  type ConnectionCheck,
  type NewTicket,
  type NoteOptions,
  type ProviderName,
  type PsaTicket,
  type TicketPort,
  type TicketPortOptions,
  type TicketingOptions,
} from './ticket-port.js';
