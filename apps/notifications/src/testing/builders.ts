import {
  type AccountNo, type BrandId, type CustomerId, emptyJobResult, type EventId, type EventType, EVENT_TYPE_INFO, type PartnerId, type RuleId,
  type Severity, uuidv7,
} from '@backhaul/domain'; // prettier-ignore
import type { KnownEvent } from '../requests/event-decision.js';
import { defaultsFor } from '../rules/rule-defaults.js';
import type { Rule, RuleScope } from '../rules/rule.js';

export const PARTNER = '01920000-0000-7000-8000-000000000001' as PartnerId;
export const ACCOUNT = 80202028 as AccountNo;
export const CUSTOMER = 34826 as CustomerId;
export const BRAND = '01920000-0000-7000-8000-0000000000b1' as BrandId;
const START = Date.UTC(2026, 10, 20, 2);
let made = 0;

export type RuleOver = Partial<Omit<Rule, 'scope'>> & { scope?: Partial<RuleScope> };

/** A rule as the form first shows it, made before any event of these tests. */
export function buildRule({ scope, ...over }: RuleOver = {}): Rule {
  const defaults = defaultsFor(over.action ?? 'open_connectwise_ticket');
  return {
    ...defaults,
    id: uuidv7(START + made++) as RuleId,
    partnerId: PARTNER,
    ownerBrandId: null,
    createdAt: new Date(START - 60_000),
    ...over,
    scope: { ...defaults.scope, ...scope },
  };
}

export interface EventIn {
  type?: EventType;
  severity?: Severity;
  job?: string;
  phase?: KnownEvent['outcome']['phase'];
  message?: string | null;
  partnerId?: PartnerId;
  brandId?: BrandId | null;
  custId?: number;
  accountNo?: number;
  receivedAt?: string;
}

export function buildKnownEvent(over: EventIn = {}): KnownEvent {
  const { type = 'backup.failed', job = 'DB-1' } = over;
  const result = emptyJobResult();
  const receivedAt = over.receivedAt ?? new Date(START + made++ * 1000).toISOString();
  return {
    ...result,
    specVersion: '1',
    eventId: uuidv7(START + made++) as EventId,
    idempotencyKey: `key-${made}`,
    type,
    receivedAt,
    occurredAt: receivedAt,
    identity: { ...result.identity, hostName: 'ACME-FS01' },
    job: { ...result.job, nativeJobId: job, jobName: 'ACME files' },
    outcome: {
      ...result.outcome,
      phase: over.phase ?? 'finished',
      status: type === 'backup.completed' ? 'success' : 'failed',
      severity: over.severity ?? EVENT_TYPE_INFO[type].severity,
      message: over.message === undefined ? 'Disk full' : over.message,
    },
    source: {
      agent: 'duplicati',
      agentVersion: null,
      adapter: 'duplicati',
      adapterVersion: '1',
      transport: 'push',
      endpointId: null,
      contentType: null,
    },
    tenant: {
      partnerId: over.partnerId ?? PARTNER,
      brandId: over.brandId === undefined ? BRAND : over.brandId,
      customerId: (over.custId ?? CUSTOMER) as CustomerId,
      accountNo: (over.accountNo ?? ACCOUNT) as AccountNo,
      resolution: 'matched',
    },
    raw: { contentType: null, sha256: '00', bytes: 0, ref: null },
    flags: [],
  };
}
