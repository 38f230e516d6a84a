import {
  type AccountNo, type BrandId, type CanonicalEvent, type CustomerId, type Due, emptyJobResult, type JobResult, type PartnerId,
} from '@backhaul/domain'; // prettier-ignore
import { type Draft, eventRowOf } from '../intake/event-draft.js';
import type { EventRow } from '../intake/event-row.js';
import type { Expectation } from './expectation.js';

/** What our copy of the accounts says. */
export interface KnownAccount {
  custId: number;
  brandId: string | null;
  hostName: string | null;
  /** Null where it was never told. */
  role: string | null;
  isSuspended: boolean;
}

/** Of the newest event, what names the job and who reports it. */
export type Named = Pick<CanonicalEvent, 'source' | 'identity' | 'job'>;

const minutesApart = (fromMs: number, toMs: number): number => Math.round((toMs - fromMs) / 60_000);

function spanOf(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`;
}

const sinceOf = (ms: number | null, otherwise: string): string =>
  ms === null ? otherwise : new Date(ms).toISOString();

/** What a person reads in the ticket. */
export function messageOf(expectation: Expectation, { type, expectedMs, dueMs }: Due): string {
  const { watch } = expectation;
  if (expectation.kind === 'job') {
    const expected = new Date(expectedMs).toISOString();
    if (type === 'backup.stalled')
      return `The run gave no sign of life for ${spanOf(minutesApart(expectedMs, dueMs))}; the last one came at ${expected}.`;
    const grace = spanOf(minutesApart(expectedMs, dueMs));
    const last = sinceOf(watch.lastRunMs, 'none that ended');
    return `No run was reported: one was expected at ${expected}, and ${grace} have passed since. The last one: ${last}.`;
  }
  const { knownSinceMs, lastSavedMs } = expectation.watch;
  if (type === 'backup.never_run')
    return `No backup has ever run; the account is known since ${new Date(knownSinceMs).toISOString()}.`;
  const last =
    lastSavedMs === null
      ? 'The account has none'
      : `The last one ended at ${new Date(lastSavedMs).toISOString()}`;
  return `No backup saved anything for ${spanOf(minutesApart(lastSavedMs ?? knownSinceMs, dueMs))}. ${last}.`;
}

function resultOf(expectation: Expectation, due: Due, named: Named | null, account: KnownAccount): JobResult {
  const result = emptyJobResult();
  const isMissed = due.type === 'backup.missed';
  result.type = due.type;
  result.identity.hostName = account.hostName;
  if (named) Object.assign(result.identity, expectation.kind === 'job' ? named.identity : { hostName: named.identity.hostName ?? account.hostName }); // prettier-ignore
  if (named && expectation.kind === 'job') {
    const { nativeJobId, jobName, kind, scope } = named.job;
    Object.assign(result.job, { nativeJobId, jobName, kind, scope });
  }
  if (isMissed) result.timing.scheduledAt = new Date(due.expectedMs).toISOString();
  Object.assign(result.outcome, {
    phase: 'observed',
    // A run that hangs is no missed one, and goes on as far as anybody knows.
    status: due.type === 'backup.stalled' ? 'running' : 'missed',
    severity: due.severity,
    message: messageOf(expectation, due),
  });
  return result;
}

/**
 * The event that tells what did not come, as a row of the log. Its key is of the job and the time at which something was
 * expected, so whoever tells the same says it once.
 */
export function inferredEvent(
  expectation: Expectation,
  due: Due,
  { named, account, now }: { named: Named | null; account: KnownAccount; now: Date },
): EventRow {
  const { accountNo, partnerId, jobHash, bucket } = expectation;
  const draft: Draft = {
    result: resultOf(expectation, due, named, account),
    agent: named?.source.agent ?? 'generic',
    agentVersion: null,
    adapter: 'schedule',
    adapterVersion: '1',
    transport: 'inferred',
    flags: [],
    runKey: `${due.type}:${due.severity}:${jobHash}:${new Date(due.expectedMs).toISOString()}`,
    runScope: `schedule:${accountNo}`,
    endpointId: null,
    contentType: null,
    raw: Buffer.from(JSON.stringify({ ...due, ...expectation.watch })),
    receivedAtMs: now.getTime(),
    traceparent: null,
  };
  const tenant = {
    partnerId: partnerId as PartnerId,
    brandId: account.brandId as BrandId | null,
    customerId: account.custId as CustomerId,
    accountNo: accountNo as AccountNo,
    resolution: 'matched' as const,
  };
  return eventRowOf(draft, tenant, bucket);
}
