import { hash } from 'node:crypto';
import {
  type Agent, type CanonicalEvent, type EndpointId, type EventId, type EventSource, type EventTenant, eventTypeOf, isConclusive,
  isSuccess, jobKeyOf, type JobResult, toWellFormedText, uuidFrom, uuidv7,
} from '@backhaul/domain'; // prettier-ignore
import { cleanJson } from './clean-text.js';
import type { EventRow } from './event-row.js';
import { occurredAtOf, TIME_IN_PAST, timeFlagOf } from './times.js';

/** A report that was understood, or kept although it was not. */
export interface Draft {
  result: JobResult;
  agent: Agent;
  agentVersion: string | null;
  adapter: string;
  adapterVersion: string;
  transport: EventSource['transport'];
  flags: string[];
  /** What the agent calls this run; without it the bytes of the report are the run's name. */
  runKey: string | null;
  /** Within what `runKey` is unique: the endpoint, else the partner. */
  runScope: string;
  endpointId: EndpointId | null;
  contentType: string | null;
  raw: Buffer;
  receivedAtMs: number;
  traceparent: string | null;
}

const LONGEST_KEY = 200;
/** Kafka takes a record of 1 MiB; what is longer than this moves from the published body to the detail. */
const LARGEST_BODY = 256 * 1024;
const LONGEST_TEXT = 8 * 1024;
const MOST_PATHS = 1000;
const MOST_JOBS = 10_000;
const LONGEST_NAME = 500;
const LONGEST_MESSAGE = 2000;
/** The same few jobs report again and again. */
const JOB_HASHES = new Map<string, bigint>();

/** The row of the event log that a report becomes once its account is known, or known to be unknown. */
export function eventRowOf(draft: Draft, tenant: EventTenant, bucket: number | null): EventRow {
  const digest = hash('sha256', draft.raw, 'buffer');
  const event = canonicalEventOf(draft, tenant, digest.toString('hex'));
  const { body, detail } = textsOf(event, draft.result);
  const { runScope, traceparent, raw } = draft;
  return { ...storedOf(event, runScope, bucket), bodyHash: digest, traceparent, body, detail, raw };
}

/** The row of an event that was published before, which the log has lost: without the report's bytes and its log lines. */
export function publishedRowOf(event: CanonicalEvent, bucket: number, traceparent: string | null): EventRow {
  const { source, tenant, raw } = event;
  const isInferred = source.transport === 'inferred';
  const runScope = isInferred ? `schedule:${tenant.accountNo}` : (source.endpointId ?? tenant.partnerId);
  return {
    ...storedOf(event, runScope, bucket),
    bodyHash: Buffer.from(raw.sha256, 'hex'),
    traceparent,
    body: cleanJson(event),
    detail: null,
    raw: null,
  };
}

function storedOf(
  event: CanonicalEvent,
  runScope: string,
  bucket: number | null,
): Omit<EventRow, 'bodyHash' | 'traceparent' | 'body' | 'detail' | 'raw'> {
  const { tenant, source } = event;
  return {
    eventId: event.eventId,
    partnerId: tenant.partnerId,
    dedupeId: uuidFrom(runScope, source.agent, event.idempotencyKey),
    accountNo: tenant.accountNo,
    custId: tenant.customerId,
    bucket,
    jobHash: jobHashOf(event),
    occurredAtMs: Date.parse(event.occurredAt),
    isConclusive: isConclusive(event) && !event.flags.includes(TIME_IN_PAST),
    isSuccess: isSuccess(event.outcome.status),
    type: event.type,
    severity: event.outcome.severity,
    ...searchedOf(event),
  };
}

/** The texts that a ticket would show, so that what stands there can be searched for. */
function searchedOf({
  tenant,
  outcome,
  job,
  identity,
  issues,
}: CanonicalEvent): Pick<EventRow, 'brandId' | 'status' | 'job' | 'hostName' | 'message'> {
  return {
    brandId: tenant.brandId,
    status: outcome.status,
    job: searchable(job.jobName ?? job.nativeJobId, LONGEST_NAME),
    hostName: searchable(identity.hostName, LONGEST_NAME),
    message: searchable(outcome.message ?? issues.at(0)?.message ?? null, LONGEST_MESSAGE),
  };
}

function searchable(text: string | null, longest: number): string | null {
  return text === null ? null : toWellFormedText(text.slice(0, longest));
}

/** Account, job and kind as 64 bits: what a watermark belongs to. */
export function jobHashOf(event: Pick<CanonicalEvent, 'source' | 'identity' | 'job' | 'tenant'>): bigint {
  const name = `${event.tenant.accountNo}/${jobKeyOf(event)}/${event.job.kind}`;
  const known = JOB_HASHES.get(name);
  if (known !== undefined) return known;
  const jobHash = hash('sha256', name, 'buffer').readBigInt64BE(0);
  if (JOB_HASHES.size >= MOST_JOBS) JOB_HASHES.clear();
  JOB_HASHES.set(name, jobHash);
  return jobHash;
}

function canonicalEventOf(draft: Draft, tenant: EventTenant, sha256: string): CanonicalEvent {
  const { result, receivedAtMs } = draft;
  const occurredAtMs = occurredAtOf(result, receivedAtMs);
  const flag = timeFlagOf(occurredAtMs, receivedAtMs);
  return {
    specVersion: '1',
    eventId: uuidv7(receivedAtMs) as EventId,
    idempotencyKey: idempotencyKeyOf(draft.runKey, sha256),
    type: eventTypeOf(result, draft.agent),
    receivedAt: new Date(receivedAtMs).toISOString(),
    occurredAt: new Date(occurredAtMs).toISOString(),
    source: {
      agent: draft.agent,
      agentVersion: draft.agentVersion,
      adapter: draft.adapter,
      adapterVersion: draft.adapterVersion,
      transport: draft.transport,
      endpointId: draft.endpointId,
      contentType: draft.contentType,
    },
    tenant,
    identity: result.identity,
    job: result.job,
    timing: result.timing,
    outcome: result.outcome,
    counts: result.counts,
    bytes: result.bytes,
    progress: result.progress,
    issues: result.issues,
    issuesTruncated: result.issuesTruncated,
    log: null,
    children: result.children,
    restorePoint: result.restorePoint,
    measures: result.measures,
    ext: result.ext,
    raw: { contentType: draft.contentType, sha256, bytes: draft.raw.length, ref: null },
    flags: flag && !draft.flags.includes(flag) ? [...draft.flags, flag] : draft.flags,
  };
}

function idempotencyKeyOf(runKey: string | null, sha256: string): string {
  if (runKey === null || runKey === '') return `sha256:${sha256}`;
  const text = toWellFormedText(runKey);
  return text.length <= LONGEST_KEY ? text : `sha256:${hash('sha256', text)}`;
}

/** Published body and unpublished detail. Only a huge report loses more than its log lines from the body. */
function textsOf(event: CanonicalEvent, result: JobResult): { body: string; detail: string | null } {
  const body = cleanJson(event);
  if (body.length <= LARGEST_BODY)
    return { body, detail: result.log ? cleanJson({ log: result.log }) : null };
  const { log, ext, children, issues } = result;
  const small = { ...event, ext: {}, children: [], issues: [], job: { ...event.job, sourcePaths: [] } };
  const sourcePaths = event.job.sourcePaths.slice(0, MOST_PATHS);
  return {
    body: cleanJson(shortened(small)),
    detail: cleanJson({ log, ext, children, issues, job: { ...event.job, sourcePaths } }),
  };
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}
