import type { Provider } from '@backhaul/messaging';
import type { Keyring } from '@backhaul/persistence';
import { openConnection } from '@backhaul/persistence/opening';
import {
  createTicketPort,
  type Egress,
  type TicketPort,
  type TicketPortOptions,
  type WayOut,
} from '@backhaul/psa';
import CircuitBreaker from 'opossum';
import type { KnownConnection } from './connection.repository.js';
import { Opened } from './opened.js';

/** The secrets of a link, opened. @throws SealError */
export const secretsOf = openConnection;

export interface BreakerSettings {
  volumeThreshold: number;
  resetTimeoutMs: number;
  rollingMs: number;
}

export interface TicketPortsOptions {
  provider: Provider;
  keyring: Keyring;
  egress: Egress;
  limits: NonNullable<TicketPortOptions['limits']>;
  breaker: BreakerSettings;
}

type Work = () => Promise<unknown>;

export interface OpenedPort {
  port: TicketPort;
  breaker: CircuitBreaker<[Work], unknown>;
}

const MOST_LINKS = 500;

/** What outlives the opened credentials: the sockets, and what the breaker knows of the PSA. */
interface Link {
  version: string;
  wayOut: WayOut;
  breaker: OpenedPort['breaker'];
  client: Opened<TicketPort>;
}

/** A client and an in-process breaker for each connection, made anew when its credentials change. */
export class TicketPorts {
  private readonly links = new Map<string, Link>();

  constructor(private readonly options: TicketPortsOptions) {}

  /** @throws SealError, PsaError `setting_missing` */
  of(connection: KnownConnection): OpenedPort {
    const { breaker, client } = this.linkOf(connection);
    return { port: client.get(), breaker };
  }

  closeAll(): void {
    for (const connectionId of [...this.links.keys()]) this.close(connectionId);
  }

  private linkOf(connection: KnownConnection): Link {
    const { connectionId, ticketing, egress, sealedSecret } = connection;
    const version = `${connection.version}|${JSON.stringify([ticketing, egress])}|${sealedSecret.slice(-24)}`;
    const known = this.links.get(connectionId);
    if (known?.version === version) return known;
    this.close(connectionId);
    const wayOut = this.options.egress.wayOut(egress);
    const client = new Opened(() => this.clientOf(connection, wayOut));
    const link = { version, wayOut, breaker: this.breakerOf(connectionId), client };
    this.links.set(connectionId, link);
    if (this.links.size > MOST_LINKS) this.close(this.links.keys().next().value as string);
    return link;
  }

  private close(connectionId: string): void {
    const link = this.links.get(connectionId);
    link?.client.close();
    link?.breaker.shutdown();
    // What is under way ends by its own limits; nobody waits for it.
    void link?.wayOut.close().catch(() => undefined);
    this.links.delete(connectionId);
  }

  private clientOf(connection: KnownConnection, { dispatcher }: WayOut): TicketPort {
    const { provider, keyring, limits } = this.options;
    const { endpoint, ticketing } = connection;
    const secret = secretsOf(keyring, connection);
    return createTicketPort(provider, { endpoint, secret, ticketing, dispatcher, limits });
  }

  /** Time limits belong to the calls, the truth to PostgreSQL; this one only notices early that a PSA is down. */
  private breakerOf(connectionId: string): CircuitBreaker<[Work], unknown> {
    const { volumeThreshold, resetTimeoutMs, rollingMs } = this.options.breaker;
    return new CircuitBreaker<[Work], unknown>((work) => work(), {
      name: connectionId,
      timeout: false,
      volumeThreshold,
      errorThresholdPercentage: 50,
      rollingCountTimeout: rollingMs,
      rollingCountBuckets: 6,
      resetTimeout: resetTimeoutMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
  }
}
