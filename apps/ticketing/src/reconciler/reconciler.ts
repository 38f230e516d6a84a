import { PsaError, type PsaTicket, type TicketPort } from '@backhaul/psa';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import type { TicketPorts } from '../connections/ticket-ports.js';
import { type Suspect, SuspectRepository } from './suspect.repository.js';

export interface ReconcilerSettings {
  everyMs: number;
  /** Incidents looked at in one round, at most. */
  batch: number;
}

const CALL_MS = 60_000;
const LEASE_MS = 90_000;

/**
 * The safety net beneath "search before create": looks for the markers of the last day's incidents, links tickets
 * that nobody linked and closes doubles, the oldest stays.
 */
export class Reconciler {
  private readonly logger = new Logger('Reconciler');
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> = Promise.resolve();
  private isStopping = false;
  private readonly suspects: SuspectRepository;

  constructor(
    dataSource: DataSource,
    private readonly connections: ConnectionRepository,
    private readonly ports: Pick<TicketPorts, 'of'>,
    private readonly settings: ReconcilerSettings,
    private readonly onDuplicates: (count: number) => void,
  ) {
    this.suspects = new SuspectRepository(dataSource);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.round = this.round
        .then(() => this.run())
        .catch((error: unknown) =>
          this.logger.warn(`A round failed: ${String(error)}; the next one goes on`),
        );
    }, this.settings.everyMs);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.timer) clearInterval(this.timer);
    await this.round;
  }

  /** One round over those not looked at lately. One PSA's outage ends the round for its own connection only. */
  async run(): Promise<void> {
    const down = new Set<string>();
    for (const suspect of await this.suspects.find(this.settings)) {
      if (this.isStopping) return;
      if (down.has(suspect.connectionId)) continue;
      const epoch = await this.suspects.lease(suspect.laneKey, LEASE_MS);
      if (epoch === null) continue;
      try {
        await this.check(suspect);
      } catch (error) {
        if (!(error instanceof PsaError)) throw error;
        down.add(suspect.connectionId);
      } finally {
        await this.suspects.release(suspect.laneKey, epoch);
      }
    }
  }

  private async check(suspect: Suspect): Promise<void> {
    const connection = await this.connections.find(suspect.connectionId);
    if (!connection) return;
    const { port } = this.ports.of(connection);
    const signal = AbortSignal.timeout(CALL_MS);
    const [oldest, ...doubles] = await port.findByMarker(suspect.marker, signal);
    for (const double of doubles.filter(({ isClosed }) => !isClosed)) {
      await port.close(double.id, `Duplicate of ${oldest?.number ?? 'an earlier ticket'}.`, signal, RETRY);
      // Closed ones were counted when they were closed.
      this.onDuplicates(1);
      this.logger.error(`Ticket ${double.number} was a double of ${oldest?.number ?? ''} and is closed`);
    }
    if (oldest && suspect.ticketId !== oldest.id) await this.adopt(suspect, oldest, port, signal);
    else await this.suspects.checked(suspect.incidentId, null);
  }

  /** The oldest is the one that stays, and must look as the one we knew does. */
  private async adopt(
    suspect: Suspect,
    oldest: PsaTicket,
    port: TicketPort,
    signal: AbortSignal,
  ): Promise<void> {
    if (suspect.state === 'resolved' && !oldest.isClosed)
      await port.close(oldest.id, 'Resolved. Closed automatically.', signal, RETRY);
    await this.suspects.checked(suspect.incidentId, oldest);
    this.logger.warn(`Ticket ${oldest.number} is linked to incident ${suspect.incidentId}`);
  }
}

const RETRY = { isRetry: true };
