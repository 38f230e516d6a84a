/** The canonical job-result event, version 1. Missing is `null` (unknown), never 0. */
import type { EventType } from './event-types.js';
import type { AccountNo, BrandId, CustomerId, EndpointId, EventId, PartnerId } from './ids.js';

export const AGENTS = [
  'ahsay', 'comet', 'duplicati', 'restic', 'borg', 'duplicity', 'kopia', 'proxmox-ve', 'proxmox-bs', 'veeam-vbr',
  'urbackup', 'bareos', 'asigra', 'shadowprotect', 'bdr', 'archiving', 'email-security', 'generic',
] as const; // prettier-ignore
export type Agent = (typeof AGENTS)[number];

export const STATUSES = [
  'success', 'success_with_warnings', 'partial', 'failed', 'quota_exceeded', 'missed', 'cancelled', 'skipped',
  'timeout', 'abandoned', 'running', 'queued', 'unknown',
] as const; // prettier-ignore
export type Status = (typeof STATUSES)[number];

export const SEVERITIES = ['OK', 'WARNING', 'ERROR'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const PHASES = ['started', 'progress', 'finished', 'observed'] as const;
export type Phase = (typeof PHASES)[number];

export const JOB_KINDS = [
  'backup', 'restore', 'verify', 'retention', 'replication', 'copy', 'archive', 'gc', 'sync', 'tape', 'maintenance',
  'config_backup', 'other',
] as const; // prettier-ignore
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_LEVELS = ['full', 'incremental', 'differential', 'synthetic', 'unknown'] as const;
export const JOB_TRIGGERS = ['scheduled', 'manual', 'remote', 'unknown'] as const;
export const JOB_SCOPES = ['online', 'local', 'both', 'unknown'] as const;
export const MACHINE_CLASSES = ['server', 'workstation', 'unknown'] as const;
/** How a report came; `inferred` where none did, and its absence is what the event tells. */
export const TRANSPORTS = ['push', 'poll', 'syslog', 'script', 'import', 'inferred'] as const;
export const RESOLUTIONS = ['matched', 'unmatched', 'ambiguous'] as const;

/** ISO 8601 UTC with milliseconds, such as `2026-11-20T02:00:04.971Z`. */
export type IsoTime = string;

export const COUNT_FIELDS = [
  'filesExamined', 'filesNew', 'filesChanged', 'filesUnchanged', 'filesDeleted', 'filesMoved',
  'filesPermissionChanged', 'filesSkipped', 'filesTooLarge', 'filesFailed', 'dirs', 'dirsNew', 'dirsChanged',
  'symlinks', 'chunks', 'vms', 'mailboxes', 'mailboxesLicensed', 'mailboxesUnlicensed', 'sites', 'accounts',
  'objects', 'warnings', 'errors',
] as const; // prettier-ignore
export const BYTE_FIELDS = [
  'examined', 'new', 'changed', 'deleted', 'processed', 'uploaded', 'downloaded', 'deduplicated', 'compressed',
  'storedBefore', 'storedAfter', 'quotaTotal', 'quotaUsed', 'quotaFree',
] as const; // prettier-ignore

/** Non-negative integers below 2^53. A field that is absent is unknown. */
export type Counts = Partial<Record<(typeof COUNT_FIELDS)[number], number | null>>;
/** Bytes as non-negative integers below 2^53. */
export type Bytes = Partial<Record<(typeof BYTE_FIELDS)[number], number | null>>;

export interface Issue {
  severity: Severity;
  code: string | null;
  path: string | null;
  message: string;
  at: IsoTime | null;
}

export interface Identity {
  nativeAccount: string | null;
  nativeDeviceId: string | null;
  hostName: string | null;
  osName: string | null;
  osVersion: string | null;
  clientIp: string | null;
  machineClass: (typeof MACHINE_CLASSES)[number];
}

export interface Job {
  nativeJobId: string | null;
  jobName: string | null;
  nativeRunId: string | null;
  parentRunId: string | null;
  kind: JobKind;
  level: (typeof JOB_LEVELS)[number];
  trigger: (typeof JOB_TRIGGERS)[number];
  scope: (typeof JOB_SCOPES)[number];
  sourceId: string | null;
  sourceName: string | null;
  sourcePaths: string[];
  destinationId: string | null;
  destinationName: string | null;
  destinationType: string | null;
  retryCount: number | null;
  willRetry: boolean | null;
}

export interface Timing {
  scheduledAt: IsoTime | null;
  startedAt: IsoTime | null;
  endedAt: IsoTime | null;
  /** Milliseconds; the agent's own figure when it gives one. */
  durationMs: number | null;
  zoneKnown: boolean;
  /** IANA name used when the agent gave no zone. */
  assumedZone: string | null;
}

export interface Outcome {
  phase: Phase;
  status: Status;
  severity: Severity;
  nativeStatus: string | null;
  nativeCode: string | null;
  exitCode: number | null;
  message: string | null;
  canceled: boolean;
  dryRun: boolean;
}

export interface Progress {
  percent: number | null;
  bytesDone: number | null;
  bytesTotal: number | null;
  itemsDone: number | null;
  itemsTotal: number | null;
  phaseText: string | null;
}

export interface EventLogLines {
  lines: string[];
  total: number;
  truncated: boolean;
}

/** What an adapter makes of one native report; the receiving service adds head, source and tenant. */
export interface JobResult {
  /** Set when the report is no job result, such as `bdr.node_fenced`; else derived from kind and status. */
  type: EventType | null;
  identity: Identity;
  job: Job;
  timing: Timing;
  outcome: Outcome;
  counts: Counts;
  bytes: Bytes;
  progress: Progress | null;
  issues: Issue[];
  issuesTruncated: boolean;
  log: EventLogLines | null;
  children: JobResult[];
  restorePoint: { id: string | null; chainId: string | null } | null;
  /** Absolute values by measure, only with `service.status_update`. */
  measures: Record<string, number> | null;
  /** Every leaf of the report that has no field of its own, verbatim, under the agent's name. */
  ext: Record<string, unknown>;
}

export interface EventSource {
  agent: Agent;
  agentVersion: string | null;
  adapter: string;
  adapterVersion: string;
  transport: (typeof TRANSPORTS)[number];
  endpointId: EndpointId | null;
  contentType: string | null;
}

export interface EventTenant {
  partnerId: PartnerId;
  brandId: BrandId | null;
  customerId: CustomerId | null;
  accountNo: AccountNo | null;
  resolution: (typeof RESOLUTIONS)[number];
}

export interface RawRef {
  contentType: string | null;
  sha256: string;
  bytes: number;
  ref: string | null;
}

export interface CanonicalEvent extends Omit<JobResult, 'type'> {
  specVersion: '1';
  eventId: EventId;
  idempotencyKey: string;
  type: EventType;
  receivedAt: IsoTime;
  /** endedAt, else startedAt, else receivedAt. */
  occurredAt: IsoTime;
  source: EventSource;
  tenant: EventTenant;
  raw: RawRef;
  /** Closed reasons such as `time_in_future`; such an event moves no watermark. */
  flags: string[];
}
