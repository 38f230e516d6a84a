import type { Provider } from '@backhaul/messaging';
import { unseal } from '@backhaul/persistence';
import { createTicketPort, type TicketPort, type TicketPortOptions } from '@backhaul/psa';
import CircuitBreaker from 'opossum';
import type { KnownConnection } from './connection.repository.js';

/** Where a secret belongs; the same words as in accounts, or it does not open. */
const sealContext = (partnerId: string, connectionId: string): string =>
  `${partnerId}|psa_connection|${connectionId}|secret`;

export interface BreakerSettings {
  volumeThreshold: number;
  resetTimeoutMs: number;
  rollingMs: number;
}

export interface TicketPortsOptions {
  provider: Provider;
  kek: Buffer;
  dispatcher: TicketPortOptions['dispatcher'];
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
  private readonly opened = new Map<string, OpenedPort & { version: string }>();

  constructor(private readonly options: TicketPortsOptions) {}

  /** @throws SealError */
  of(connection: KnownConnection): OpenedPort {
    const { connectionId } = connection;
    const version = `${connection.version}|${JSON.stringify(connection.ticketing)}|${connection.sealedSecret.slice(-24)}`;
    const known = this.opened.get(connectionId);
    if (known?.version === version) return known;
    this.close(connectionId);
    const made = { port: this.portOf(connection), breaker: this.breakerOf(connectionId), version };
    this.opened.set(connectionId, made);
    if (this.opened.size > MOST_PORTS) this.close(this.opened.keys().next().value as string);
    return made;
  }

  closeAll(): void {
    for (const connectionId of [...this.opened.keys()]) this.close(connectionId);
  }

  private close(connectionId: string): void {
    this.opened.get(connectionId)?.breaker.shutdown();
    this.opened.delete(connectionId);
  }

  private portOf({
    partnerId,
    connectionId,
    endpoint,
    sealedSecret,
    ticketing,
  }: KnownConnection): TicketPort {
    const { provider, kek, dispatcher, limits } = this.options;
    const secret = JSON.parse(unseal(kek, sealContext(partnerId, connectionId), sealedSecret)) as Record<
      string,
      string
    >;
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
