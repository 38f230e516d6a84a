import type { Provider } from '@backhaul/messaging';
import type { Keyring } from '@backhaul/persistence';
import { openConnection } from '@backhaul/persistence/opening';
import {
  type BackupStatistics,
  type CompanyLink,
  createStatisticsPort,
  type Egress,
  type PushResult,
  type TicketPortOptions,
} from '@backhaul/psa';
import type { KnownConnection } from './connection.repository.js';

export interface StatisticsPortsOptions {
  provider: Provider;
  keyring: Keyring;
  egress: Egress;
  limits: NonNullable<TicketPortOptions['limits']>;
}

export type Link = Pick<
  KnownConnection,
  'connectionId' | 'partnerId' | 'endpoint' | 'sealedSecret' | 'egress'
>;

/** A client of a connection for one push; nothing of it, and no opened secret, is kept. */
export class StatisticsPorts {
  constructor(private readonly options: StatisticsPortsOptions) {}

  /** Null where the PSA holds no statistics. @throws SealError, PsaError */
  async push(
    link: Link,
    company: CompanyLink,
    figures: BackupStatistics,
    signal: AbortSignal,
  ): Promise<PushResult | null> {
    const { provider, keyring, egress, limits } = this.options;
    const { endpoint } = link;
    const secret = openConnection(keyring, link);
    const wayOut = egress.wayOut(link.egress);
    try {
      const { dispatcher } = wayOut;
      const port = createStatisticsPort(provider, { endpoint, secret, ticketing: {}, dispatcher, limits });
      return (await port?.push(company, figures, signal)) ?? null;
    } finally {
      await wayOut.close();
    }
  }
}
