import type { Agent, CustomerId, EventType, JobResult, Keyed, PartnerId, AccountNo } from '../index.js';
import { emptyJobResult } from '../index.js';

export interface ResultIn {
  status?: JobResult['outcome']['status'];
  phase?: JobResult['outcome']['phase'];
  kind?: JobResult['job']['kind'];
  type?: EventType;
}

export function resultOf({
  status = 'success',
  phase = 'finished',
  kind = 'backup',
  type,
}: ResultIn): JobResult {
  const result = emptyJobResult();
  result.outcome.status = status;
  result.outcome.phase = phase;
  result.job.kind = kind;
  result.type = type ?? null;
  return result;
}

export interface KeyedIn {
  partnerId?: string;
  accountNo?: number;
  agent?: Agent;
  host?: string | null;
  device?: string | null;
  job?: string | null;
  jobName?: string | null;
  destination?: string | null;
}

export function keyedOf(type: EventType, over: KeyedIn = {}): Keyed {
  const { identity, job } = emptyJobResult();
  return {
    type,
    source: {
      agent: over.agent ?? 'duplicati',
      agentVersion: null,
      adapter: 'test',
      adapterVersion: '1',
      transport: 'push',
      endpointId: null,
      contentType: null,
    },
    identity: { ...identity, hostName: over.host ?? null, nativeDeviceId: over.device ?? null },
    job: {
      ...job,
      nativeJobId: over.job === undefined ? 'DB-1' : over.job,
      jobName: over.jobName ?? null,
      destinationId: over.destination ?? null,
    },
    tenant: {
      partnerId: (over.partnerId ?? 'p1') as PartnerId,
      brandId: null,
      customerId: 34826 as CustomerId,
      accountNo: (over.accountNo ?? 80202028) as AccountNo,
      resolution: 'matched',
    },
  };
}
