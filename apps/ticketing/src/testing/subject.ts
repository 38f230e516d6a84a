import { randomBytes } from 'node:crypto';
import { Secret } from '@backhaul/domain';
import type { Provider, TicketingSettings } from '@backhaul/messaging';
import { Keyring, newDataKey, sealFields } from '@backhaul/persistence';
import { DEMO } from '@backhaul/psa/testing';

/** Base64. */
export const KEK = randomBytes(32).toString('base64');

export interface SimulatedTicket {
  id: string;
  marker: string | null;
  isClosed: boolean;
  mergedInto: string | null;
  companyId: string;
  statusId: number;
  board: string | null;
  priority: string | null;
  summary: string;
  description: string;
  notes: { text: string }[];
}

/** How a link differs from the demo's. */
export interface Over {
  version?: string;
  secret?: Record<string, string>;
  kek?: string;
  /** Another connection: the text then opens nowhere. */
  sealedFor?: string;
  needsChange?: boolean;
  egress?: string[];
  ticketing?: TicketingSettings;
}

/** One account of a partner of its own, connected to the simulator. */
export interface Subject {
  partnerId: string;
  connectionId: string;
  accountNo: number;
}

/** The connection of a subject to the simulator at `url`, as accounts publishes it. */
export function connectionOf(
  provider: Provider,
  url: string,
  { partnerId, connectionId }: Omit<Subject, 'accountNo'>,
  over: Over,
) {
  const { endpoint, secret } = DEMO[provider];
  const rowId = over.sealedFor ?? connectionId;
  const place = { tenant: partnerId, table: 'psa_connection', column: 'sealed_secret', rowId };
  const keyring = Keyring.of(over.kek ?? KEK);
  const given = new Secret(over.secret ?? secret);
  const sealedSecret = sealFields(keyring, newDataKey(keyring, partnerId, 1), place, given);
  return {
    connectionId,
    partnerId,
    provider,
    version: over.version ?? '1',
    endpoint: { ...endpoint, ...(provider === 'connectwise' ? { siteUrl: url } : { apiUrl: url }) },
    sealedSecret: over.needsChange === true ? '' : sealedSecret,
    isEnabled: true,
    ticketing: over.ticketing ?? { subjectPrefix: '[BFF]' },
    ...(over.needsChange !== undefined && { needsChange: over.needsChange }),
    ...(over.egress !== undefined && { egress: over.egress }),
  };
}
