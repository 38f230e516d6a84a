import type { Secret } from '@backhaul/domain';
import type { Provider } from '@backhaul/messaging';
import type { Keyring, Place } from '@backhaul/persistence';
import { openFields } from '@backhaul/persistence/opening';
import {
  createTicketPort,
  type Egress,
  type TicketPort,
  type TicketPortOptions,
  type WayOut,
} from '@backhaul/psa';
import CircuitBreaker from 'opossum';
import type { KnownConnection } from './connection.repository.js';

/** Where a secret belongs; the same words as in accounts, or it does not open. */
const placeOf = ({
  partnerId,
  connectionId,
}: Pick<KnownConnection, 'partnerId' | 'connectionId'>): Place => ({
  tenant: partnerId,
  table: 'psa_connection',
  column: 'sealed_secret',
  rowId: connectionId,
});

/** The secrets of a link, opened. @throws SealError */
export const secretsOf = (
  keyring: Keyring,
  link: Pick<KnownConnection, 'partnerId' | 'connectionId' | 'sealedSecret'>,
): Secret<Record<string, string>> => openFields(keyring, placeOf(link), link.sealedSecret);

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

const MOST_PORTS = 500;

/** A client and an in-process breaker for each connection, made anew when its credentials change. */
export class TicketPorts {
  private readonly opened = new Map<string, OpenedPort & { version: string; wayOut: WayOut }>();

  constructor(private readonly options: TicketPortsOptions) {}

  /** @throws SealError, PsaError `setting_missing` */
  of(connection: KnownConnection): OpenedPort {
    const { connectionId } = connection;
    const { ticketing, egress, sealedSecret } = connection;
    const version = `${connection.version}|${JSON.stringify([ticketing, egress])}|${sealedSecret.slice(-24)}`;
    const known = this.opened.get(connectionId);
    if (known?.version === version) return known;
    this.close(connectionId);
    const wayOut = this.options.egress.wayOut(egress);
    const { port } = this.portOf(connection, wayOut);
    const made = { port, breaker: this.breakerOf(connectionId), version, wayOut };
    this.opened.set(connectionId, made);
    if (this.opened.size > MOST_PORTS) this.close(this.opened.keys().next().value as string);
    return made;
  }

  closeAll(): void {
    for (const connectionId of [...this.opened.keys()]) this.close(connectionId);
  }

  private close(connectionId: string): void {
    const opened = this.opened.get(connectionId);
    opened?.breaker.shutdown();
    // What is under way ends by its own limits; nobody waits for it.
    void opened?.wayOut.close().catch(() => undefined);
    this.opened.delete(connectionId);
  }

  private portOf(connection: KnownConnection, { dispatcher }: WayOut): { port: TicketPort } {
    const { provider, keyring, limits } = this.options;
    const { endpoint, ticketing } = connection;
    const secret = secretsOf(keyring, connection);
    return { port: createTicketPort(provider, { endpoint, secret, ticketing, dispatcher, limits }) };
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
