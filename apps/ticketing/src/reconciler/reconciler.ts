import { PsaError } from '@backhaul/psa';
import { rowsOf } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import type { TicketPorts } from '../connections/ticket-ports.js';

interface Suspect {
  incidentId: string;
  connectionId: string;
  laneKey: string;
  marker: string;
  ticketId: string | null;
}

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

  constructor(
    private readonly dataSource: DataSource,
    private readonly connections: ConnectionRepository,
    private readonly ports: TicketPorts,
    private readonly settings: ReconcilerSettings,
    private readonly onDuplicates: (count: number) => void,
  ) {}

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
    if (this.timer) clearInterval(this.timer);
    await this.round;
  }

  /** One round over those not looked at lately. */
  async run(): Promise<void> {
    for (const suspect of await this.suspects()) {
      const epoch = await this.lease(suspect.laneKey);
      if (epoch === null) continue;
      try {
        await this.check(suspect);
      } catch (error) {
        if (!(error instanceof PsaError)) throw error;
        // The dispatcher notices an outage and says so.
        return;
      } finally {
        await this.release(suspect.laneKey, epoch);
      }
    }
  }

  private async suspects(): Promise<Suspect[]> {
    const answer: unknown = await this.dataSource.query(
      `SELECT i.incident_id AS "incidentId", i.connection_id AS "connectionId", i.connection_id || '|' || i.account_no AS "laneKey", i.marker, i.ticket_id AS "ticketId"
       FROM incident i JOIN psa_connection c USING (connection_id)
       WHERE i.opened_at > now() - interval '1 day' AND i.opened_at < now() - interval '1 minute'
         AND coalesce(i.checked_at, '-infinity') < now() - interval '6 hours' AND c.breaker = 'closed' AND c.resume_at <= now()
         AND EXISTS (SELECT 1 FROM command k WHERE k.incident_id = i.incident_id AND k.kind = 'create' AND k.sent_at IS NOT NULL)
       ORDER BY i.opened_at LIMIT $1`,
      [this.settings.batch],
    );
    return rowsOf<Suspect>(answer);
  }

  private async check(suspect: Suspect): Promise<void> {
    const connection = await this.connections.find(suspect.connectionId);
    if (!connection) return;
    const { port } = this.ports.of(connection);
    const signal = AbortSignal.timeout(CALL_MS);
    const [oldest, ...doubles] = await port.findByMarker(suspect.marker, signal);
    if (doubles.length > 0) this.onDuplicates(doubles.length);
    for (const double of doubles) {
      if (!double.isClosed)
        await port.close(double.id, `Duplicate of ${oldest?.number ?? 'an earlier ticket'}.`, signal, {
          isRetry: true,
        });
    }
    if (oldest && suspect.ticketId === null)
      this.logger.warn(
        `Ticket ${oldest.number} belonged to nobody; it is linked to incident ${suspect.incidentId}`,
      );
    await this.dataSource.query(
      `UPDATE incident SET checked_at = clock_timestamp(), ticket_id = coalesce(ticket_id, $2), ticket_number = coalesce(ticket_number, $3), ticket_url = coalesce(ticket_url, $4)
       WHERE incident_id = $1`,
      [suspect.incidentId, oldest?.id ?? null, oldest?.number ?? null, oldest?.url ?? null],
    );
  }

  /** The lane's own lock: while we look, nobody creates. */
  private async lease(laneKey: string): Promise<string | null> {
    const answer: unknown = await this.dataSource.query(
      `UPDATE lane SET state = 'running', lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE lane_key = $1 AND state = 'idle' RETURNING lease_epoch::text AS epoch`,
      [laneKey, LEASE_MS],
    );
    return rowsOf<{ epoch: string }>(answer)[0]?.epoch ?? null;
  }

  private async release(laneKey: string, epoch: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE lane SET lease_until = '-infinity',
         state = CASE WHEN EXISTS (SELECT 1 FROM command c WHERE c.lane_key = $1 AND c.status IN ('planned', 'sending', 'unknown')) THEN 'ready' ELSE 'idle' END
       WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running'`,
      [laneKey, epoch],
    );
  }
}
