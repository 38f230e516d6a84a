import { rowsOf } from '@backhaul/persistence';
import type { PsaTicket } from '@backhaul/psa';
import type { DataSource } from 'typeorm';

/** An incident whose ticket may have a double, or belong to nobody. */
export interface Suspect {
  incidentId: string;
  connectionId: string;
  laneKey: string;
  marker: string;
  ticketId: string | null;
  state: 'open' | 'resolved';
}

export class SuspectRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Those of the last day whose PSA may be called. A create that was tried more than once is looked at in every round,
   * as only those can have doubles; the rest four times a day, which the rate budget bears.
   */
  async find({ everyMs, batch }: { everyMs: number; batch: number }): Promise<Suspect[]> {
    const answer: unknown = await this.dataSource.query(
      `SELECT i.incident_id AS "incidentId", i.connection_id AS "connectionId", k.lane_key AS "laneKey", i.marker,
              i.ticket_id AS "ticketId", i.state
       FROM incident i JOIN psa_connection c USING (connection_id)
       JOIN command k ON k.incident_id = i.incident_id AND k.kind = 'create' AND k.sent_at IS NOT NULL
       WHERE i.opened_at > now() - interval '1 day' AND c.breaker = 'closed' AND c.resume_at <= now() AND c.trouble IS DISTINCT FROM 'credential'
         AND coalesce(i.checked_at, '-infinity') < now() - CASE WHEN k.tries > 1 THEN $2 * interval '0.9 ms' ELSE interval '6 hours' END
         AND k.sent_at < now() - least($2, 60000) * interval '0.9 ms'
       ORDER BY k.tries > 1 DESC, i.checked_at NULLS FIRST, i.opened_at LIMIT $1`,
      [batch, everyMs],
    );
    return rowsOf<Suspect>(answer);
  }

  async checked(incidentId: string, adopted: PsaTicket | null): Promise<void> {
    await this.dataSource.query(
      `UPDATE incident SET checked_at = clock_timestamp(), ticket_id = coalesce($2, ticket_id),
         ticket_number = coalesce($3, ticket_number), ticket_url = coalesce($4, ticket_url) WHERE incident_id = $1`,
      [incidentId, adopted?.id ?? null, adopted?.number ?? null, adopted?.url ?? null],
    );
  }

  /** The lane's own lock: while we look, nobody creates. Null when it is at work. */
  async lease(laneKey: string, leaseMs: number): Promise<string | null> {
    const answer: unknown = await this.dataSource.query(
      `UPDATE lane SET state = 'running', lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE lane_key = $1 AND state = 'idle' RETURNING lease_epoch::text AS epoch`,
      [laneKey, leaseMs],
    );
    return rowsOf<{ epoch: string }>(answer)[0]?.epoch ?? null;
  }

  async release(laneKey: string, epoch: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE lane SET lease_until = '-infinity', next_attempt_at = now(),
         state = CASE WHEN EXISTS (SELECT 1 FROM command c WHERE c.lane_key = $1 AND c.status IN ('planned', 'sending', 'unknown')) THEN 'ready' ELSE 'idle' END
       WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running'`,
      [laneKey, epoch],
    );
  }
}
