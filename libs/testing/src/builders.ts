import { type CanonicalEvent, emptyJobResult, type JobResult, uuidv7 } from '@backhaul/domain';
import type { TicketRequestPayload } from '@backhaul/messaging';

type Plain = string | number | boolean | null | undefined;
type DeepPartial<T> = T extends Plain | readonly unknown[] ? T : { [K in keyof T]?: DeepPartial<T[K]> };

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is given replaces what stands; objects are merged, all else is taken whole. */
function merge<T>(base: T, over: DeepPartial<NoInfer<T>>): T {
  if (!isPlain(base) || !isPlain(over)) return over as unknown as T;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isPlain(merged[key]) && isPlain(value) ? merge<unknown>(merged[key], value) : value;
  }
  return merged as T;
}

const id = (): string => uuidv7(Date.now());

/** A backup that succeeded. */
export function buildJobResult(over: DeepPartial<JobResult> = {}): JobResult {
  const base = merge(emptyJobResult(), {
    identity: { hostName: 'ACME-WS07' },
    job: { nativeJobId: 'DB-2', jobName: 'Nightly files', kind: 'backup' },
    timing: {
      startedAt: '2026-11-20T02:00:00.000Z',
      endedAt: '2026-11-20T02:10:00.000Z',
      durationMs: 600_000,
      zoneKnown: true,
    },
    outcome: { phase: 'finished', status: 'success', severity: 'OK' },
  });
  return merge(base, over);
}

/** The event of such a backup, of account 80202028. */
export function buildEvent(over: DeepPartial<CanonicalEvent> = {}): CanonicalEvent {
  const eventId = id();
  const base = {
    ...buildJobResult(),
    specVersion: '1',
    eventId,
    idempotencyKey: `test:${eventId}`,
    type: 'backup.completed',
    receivedAt: '2026-11-20T02:10:01.000Z',
    occurredAt: '2026-11-20T02:10:00.000Z',
    source: {
      agent: 'duplicati',
      agentVersion: null,
      adapter: 'duplicati',
      adapterVersion: '1',
      transport: 'push',
      endpointId: id(),
      contentType: 'application/json',
    },
    tenant: { partnerId: id(), brandId: null, customerId: 34826, accountNo: 80202028, resolution: 'matched' },
    raw: { contentType: 'application/json', sha256: '0'.repeat(64), bytes: 2, ref: null },
    flags: [],
  } as unknown as CanonicalEvent;
  return merge(base, over);
}

/** A rule's wish for a ticket about a failed backup. */
export function buildTicketRequest(over: DeepPartial<TicketRequestPayload> = {}): TicketRequestPayload {
  const base: TicketRequestPayload = {
    requestId: id(),
    eventId: id(),
    ruleId: id(),
    ruleName: 'Open a ticket',
    partnerId: id(),
    custId: 34826,
    accountNo: 80202028,
    incidentKey: 'job:DB-2:backup',
    intent: 'raise',
    severity: 'ERROR',
    occurredAt: '2026-11-20T02:10:00.000Z',
    subject: {
      eventType: 'backup.failed',
      hostName: 'ACME-WS07',
      jobName: 'Nightly files',
      agent: 'duplicati',
      status: 'failed',
      message: 'The backup target could not be reached',
    },
  };
  return merge(base, over);
}
