import { randomUUID } from 'node:crypto';
import { type Marker, Secret } from '@backhaul/domain';
import { createEgressDispatcher, type EgressOptions } from '../egress/egress.dispatcher.js';
import { createSetupPort, createStatisticsPort, createTicketPort } from '../providers.js';
import type { SetupPort } from '../setup-port.js';
import type { StatisticsPort } from '../statistics-port.js';
import type { NewTicket, ProviderName, TicketPort, TicketPortOptions } from '../ticket-port.js';

/** The simulator's fixed demo credentials. */
export const DEMO: Record<
  ProviderName,
  { endpoint: Record<string, string>; secret: Record<string, string> }
> = {
  connectwise: {
    endpoint: { companyId: 'demo', publicKey: 'demoPublicKey', solutionName: 'Backhaul' },
    secret: { privateKey: 'demoPrivateKey' },
  },
  autotask: {
    endpoint: { username: 'api@demo.example' },
    secret: { password: 'demoSecret', trackingIdentifier: 'DEMOTRACKINGIDENTIFIER00001' },
  },
};
const URL_FIELD = { connectwise: 'siteUrl', autotask: 'apiUrl' } as const;
export const COMPANY = { connectwise: '250', autotask: '175' } as const;

type Overrides = Partial<Omit<TicketPortOptions, 'endpoint' | 'secret'>> & {
  secret?: Record<string, string>;
  egress?: Partial<EgressOptions>;
  endpoint?: Record<string, string | null>;
};

/** A port on a local server, by default with the simulator's demo keys and the guard open for loopback. */
export const localPort = (provider: ProviderName, url: string, overrides: Overrides = {}): TicketPort =>
  createTicketPort(provider, localOptions(provider, url, overrides));

/** The same for those who set a connection up. */
export const localSetup = (provider: ProviderName, url: string, overrides: Overrides = {}): SetupPort =>
  createSetupPort(provider, localOptions(provider, url, overrides));

export const localStatistics = (
  provider: ProviderName,
  url: string,
  overrides: Overrides = {},
): StatisticsPort | null => createStatisticsPort(provider, localOptions(provider, url, overrides));

function localOptions(provider: ProviderName, url: string, overrides: Overrides): TicketPortOptions {
  const { egress, endpoint, secret = DEMO[provider].secret, ...options } = overrides;
  const allow = ['127.0.0.1/32', `localhost:${URL.canParse(url) ? new URL(url).port || '443' : '443'}`];
  return {
    endpoint: { ...DEMO[provider].endpoint, [URL_FIELD[provider]]: url, ...endpoint },
    secret: new Secret(secret),
    ticketing: {},
    dispatcher: createEgressDispatcher({ allow, ...egress }),
    ...options,
  };
}

export function buildNewTicket(overrides: Partial<NewTicket> = {}): NewTicket {
  const marker = `BK${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`;
  return {
    marker: marker as Marker,
    companyId: '250',
    summary: 'Backup failed on SRV-01',
    description: 'Customer: ACME Corp\nAccount: 80202028\nSeverity: ERROR\nThe disk is full.',
    severity: 'ERROR',
    ...overrides,
  };
}

/** A signal that is never aborted by the test itself. */
export const patient = (): AbortSignal => new AbortController().signal;
