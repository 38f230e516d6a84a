import type { Provider } from '@backhaul/messaging';
import type { Keyring } from '@backhaul/persistence';
import { createSetupPort, type Egress, type SetupPort, type TicketPortOptions } from '@backhaul/psa';
import type { KnownConnection } from '../connections/connection.repository.js';
import { secretsOf } from '../connections/ticket-ports.js';

export type Link = Pick<
  KnownConnection,
  'connectionId' | 'partnerId' | 'endpoint' | 'sealedSecret' | 'ticketing' | 'egress'
>;

export interface SetupPortsOptions {
  provider: Provider;
  keyring: Keyring;
  egress: Egress;
  limits: NonNullable<TicketPortOptions['limits']>;
}

/** A client of a connection for one question of a person; nothing of it is kept. */
export class SetupPorts {
  constructor(private readonly options: SetupPortsOptions) {}

  /** @throws SealError, PsaError */
  async with<T>(link: Link, work: (port: SetupPort) => Promise<T>): Promise<T> {
    const { provider, keyring, egress, limits } = this.options;
    const { endpoint, ticketing } = link;
    const secret = secretsOf(keyring, link);
    const wayOut = egress.wayOut(link.egress);
    try {
      const { dispatcher } = wayOut;
      return await work(createSetupPort(provider, { endpoint, secret, ticketing, dispatcher, limits }));
    } finally {
      await wayOut.close();
    }
  }
}
