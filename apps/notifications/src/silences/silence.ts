import type { BrandId, CanonicalEvent, EventType, PartnerId } from '@backhaul/domain';
import type { RuleScope } from '../rules/rule.js';
import { type Weekly, weeklyUntil } from './weekly.js';

export const SILENCE_KINDS = ['silence', 'maintenance'] as const;
/** A silence is for now and ends; a maintenance window is planned and may come again each week. */
export type SilenceKind = (typeof SILENCE_KINDS)[number];

/** The places of a rule, and in them only these machines and jobs, where some are named. */
export interface SilenceScope extends RuleScope {
  hostNames: readonly string[];
  /** Names or the agents' own ids of jobs. */
  jobNames: readonly string[];
}

export interface SilenceSettings {
  kind: SilenceKind;
  scope: SilenceScope;
  /** Empty: all of them. */
  eventTypes: readonly EventType[];
  startsAt: Date;
  /** Null where it comes again each week without end. */
  endsAt: Date | null;
  weekly: Weekly | null;
  reason: string;
}

export interface Silence extends SilenceSettings {
  id: string;
  partnerId: PartnerId;
  /** The brand whose people made it: it holds there and below, and nowhere else; null: in the whole partner. */
  ownerBrandId: BrandId | null;
  /** `account:<no>`, `key:<keyId>`. */
  createdBy: string;
  createdAt: Date;
}

/** What decides whether rules and silences meet an event; every canonical event has it. */
export interface Facts {
  type: EventType;
  /** ISO 8601 UTC. */
  receivedAt: string;
  tenant: Pick<CanonicalEvent['tenant'], 'partnerId' | 'brandId' | 'customerId' | 'accountNo'>;
  outcome: Pick<CanonicalEvent['outcome'], 'severity'>;
  identity: Pick<CanonicalEvent['identity'], 'hostName'>;
  job: Pick<CanonicalEvent['job'], 'nativeJobId' | 'jobName'>;
}

/** A silence that holds, and when it stops doing so. */
export interface Quiet {
  silence: Silence;
  untilMs: number;
}

/** When the silence stops that holds at `atMs`, milliseconds since 1970; null where it does not hold then. */
export function quietUntil({ startsAt, endsAt, weekly }: SilenceSettings, atMs: number): number | null {
  const endMs = endsAt?.getTime() ?? Infinity;
  if (atMs < startsAt.getTime() || atMs >= endMs) return null;
  const untilMs = weekly === null ? endMs : weeklyUntil(weekly, atMs);
  return untilMs === null ? null : Math.min(untilMs, endMs);
}

/** Whether the silence speaks of that type, machine and job; where it holds is for the index to say. */
export function isAbout({ scope, eventTypes }: SilenceSettings, { type, identity, job }: Facts): boolean {
  const { hostNames, jobNames } = scope;
  const jobs = [job.jobName, job.nativeJobId].map((name) => name?.toLowerCase());
  return (
    (eventTypes.length === 0 || eventTypes.includes(type)) &&
    (hostNames.length === 0 ||
      hostNames.some((name) => name.toLowerCase() === identity.hostName?.toLowerCase())) &&
    (jobNames.length === 0 || jobNames.some((name) => jobs.includes(name.toLowerCase())))
  );
}

const NAME: Readonly<Record<SilenceKind, string>> = {
  silence: 'Silence',
  maintenance: 'Maintenance window',
};

/** What stands beside the event that it kept quiet. */
export const wordsOf = ({ silence, untilMs }: Quiet): { reason: string; message: string } => ({
  reason: silence.kind === 'silence' ? 'silenced' : 'maintenance',
  message: `${NAME[silence.kind]} "${silence.reason}" (${silence.id}) until ${new Date(untilMs).toISOString()}.`,
});
