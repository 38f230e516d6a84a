import type { ProviderName } from '@backhaul/psa';
import type { KnownConnection } from './connection-form.js';
import type { LastCheck } from './connection.entity.js';
import type { ConnectionOut, ConnectionState, NoticeOut } from './connections.types.js';
import { masked } from './masked.js';

export interface ShownConnection extends KnownConnection {
  version: number;
  lastCheck: LastCheck | null;
}

export interface SoapEnd {
  endsAt: Date;
  now: Date;
}

/** What may be shown, in the order of the form (B3, D17): never a secret, only that it is there. */
export function connectionOut(
  provider: ProviderName,
  shown: ShownConnection | null,
  soap: SoapEnd,
): ConnectionOut {
  const head = {
    provider,
    isConfigured: shown !== null,
    state: stateOf(shown),
    lastTestedAt: shown?.lastCheck?.version === shown?.version ? (shown?.lastCheck?.at ?? null) : null,
  };
  const has = (name: string): boolean => shown?.secrets.has(name) === true;
  const text = (name: string): string => shown?.endpoint[name] ?? '';
  if (provider === 'autotask')
    return {
      ...head,
      username: text('username'),
      passwordSet: has('password'),
      trackingIdentifierSet: has('trackingIdentifier'),
      apiUrl: shown?.endpoint['apiUrl'] ?? null,
    };
  return {
    ...head,
    mode: shown?.mode ?? null,
    siteUrl: text('siteUrl'),
    companyId: text('companyId'),
    publicKey: masked(text('publicKey')),
    privateKeySet: has('privateKey'),
    solutionName: text('solutionName'),
    // Gone once REST is on (B7); before, the form shows both groups (B4, B5).
    ...(shown?.mode !== 'rest' && {
      integratorLogin: { name: text('integratorName'), passwordSet: has('integratorPassword') },
    }),
    soapEndsAt: soap.endsAt.toISOString(),
    notice: shown?.mode === 'soap' ? noticeOf(soap) : null,
  };
}

export function stateOf(shown: ShownConnection | null): ConnectionState {
  if (!shown) return 'not configured';
  if (shown.mode === 'soap') return 'needs change';
  const { lastCheck, version } = shown;
  const isRejected = lastCheck?.version === version && REJECTED.has(lastCheck.reason ?? '');
  return isRejected ? 'credentials rejected' : 'configured';
}

const REJECTED = new Set(['unauthorized', 'company_unknown']);

/** B11: before the day the banner urges, from that day on it says that nothing works any more. */
function noticeOf({ endsAt, now }: SoapEnd): NoticeOut {
  const day = endsAt.toISOString().slice(0, 10);
  const how = 'Enter the public and private key of an API member to change to REST.';
  return now < endsAt
    ? { kind: 'soap-ends', text: `ConnectWise ends its SOAP interface on ${day}. ${how}` }
    : { kind: 'soap-ended', text: `ConnectWise ended its SOAP interface on ${day}: nothing is sent. ${how}` };
}
