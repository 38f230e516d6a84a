import type { TicketingOptions } from './ticket-port.js';

export const LOOKUPS = [
  'queues', 'boards', 'statuses', 'priorities', 'services', 'companies', 'contracts',
] as const; // prettier-ignore
export type Lookup = (typeof LOOKUPS)[number];

/** Why something of the PSA may not be chosen, or should not be. */
export const CHOICE_PROBLEMS = ['company_type', 'contract_type', 'status_closes', 'status_open'] as const;
export type ChoiceProblem = (typeof CHOICE_PROBLEMS)[number];

/** One of what the PSA offers; the id as the PSA has it, decimal. */
export interface Choice {
  id: string;
  name: string;
  /** What a setting that is absent stands for. */
  isDefault: boolean;
  isActive: boolean;
  /** Of statuses: a ticket that has it is closed. */
  isClosing?: boolean;
  /** `company_type`: no Customer (D6); `contract_type`: no Recurring Service contract (D13). */
  problem?: ChoiceProblem;
}

/** Of a contract or agreement, also whose it is. */
export interface Contract extends Choice {
  companyId: string;
}

export interface LookupOf {
  /** Of statuses of ConnectWise. */
  boardId?: number;
  /** Of contracts: the company. */
  companyId?: string;
}

/** What is wrong with one setting, in words for people. */
export interface SettingProblem {
  field: keyof TicketingOptions;
  rule: 'missing' | 'unknown' | 'inactive' | 'status_closes' | 'status_open' | 'same';
  detail: string;
}

export interface SettingsCheck {
  problems: SettingProblem[];
  /** The settings with the ids that the defaults by name have now (D25, D27, D29). */
  resolved: TicketingOptions;
}

/** Which customer a company is. */
export interface CompanyLink {
  custId: number;
  companyId: string;
}

/** Reads of one connection for those who set it up. Writes nothing. Every method throws `PsaError` and nothing else. */
export interface SetupPort {
  /** Which lists this PSA has. */
  readonly lookups: readonly Lookup[];
  /** All of them, in the PSA's order, inactive ones too. */
  list(what: Lookup, of: LookupOf, signal: AbortSignal): Promise<Choice[]>;
  /** Those that exist, deleted and inactive ones too. */
  companies(ids: readonly string[], signal: AbortSignal): Promise<Choice[]>;
  contracts(ids: readonly string[], signal: AbortSignal): Promise<Contract[]>;
  checkSettings(ticketing: TicketingOptions, signal: AbortSignal): Promise<SettingsCheck>;
  /** Whether the PSA links these companies to their customers, beyond the map. */
  linkFindings(links: readonly CompanyLink[], signal: AbortSignal): Promise<Finding[]>;
  /** What diagnostics ask one by one; each throws for what a person has to mend. */
  diagnose(ticketing: TicketingOptions): Diagnosis[];
}

/** A step of the seeds' setup, tried against the PSA as it is. */
export interface Diagnosis {
  name: string;
  /** Of the vendor's setup guide; null where it has none. */
  guideStep: string | null;
  /** Without it nothing behind it can be asked. */
  isGate: boolean;
  run: (signal: AbortSignal) => Promise<Finding[]>;
}

/** Nothing found is well. `warning`: it works, but not as it should. */
export interface Finding {
  level: 'error' | 'warning';
  reason: string;
  /** What is wrong, and how it is mended. */
  message: string;
}
