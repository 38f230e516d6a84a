import type { ConnectionPayload, TicketingSettings } from '@backhaul/messaging';
import { rowsOf, type Tx } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';

export interface KnownConnection {
  connectionId: string;
  partnerId: string;
  /** Grows with the credentials. */
  version: string;
  endpoint: Record<string, string | null>;
  sealedSecret: string;
  isEnabled: boolean;
  ticketing: TicketingSettings;
}

interface Row extends Omit<KnownConnection, 'endpoint' | 'ticketing'> {
  endpoint: string;
  ticketing: string;
}

export interface Limits {
  maxRatePerMinute: number;
  maxInFlight: number;
}

const COLUMNS = `connection_id AS "connectionId", partner_id AS "partnerId", version, endpoint, sealed_secret AS "sealedSecret", is_enabled AS "isEnabled", ticketing`;

const known = (row: Row): KnownConnection => ({
  ...row,
  endpoint: JSON.parse(row.endpoint) as KnownConnection['endpoint'],
  ticketing: JSON.parse(row.ticketing) as TicketingSettings,
});

/** The links to the PSA, what their partners told of them and how they fare. */
export class ConnectionRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly limits: Limits,
  ) {}

  async ofPartners(tx: Tx, partnerIds: readonly string[]): Promise<Map<string, KnownConnection>> {
    const rows = await tx.query<Row>(`SELECT ${COLUMNS} FROM psa_connection WHERE partner_id = ANY($1)`, [
      partnerIds,
    ]);
    return new Map(rows.map((row) => [row.partnerId, known(row)]));
  }

  async find(connectionId: string): Promise<KnownConnection | null> {
    const rows = rowsOf<Row>(
      await this.dataSource.query(`SELECT ${COLUMNS} FROM psa_connection WHERE connection_id = $1`, [
        connectionId,
      ]),
    );
    return rows[0] ? known(rows[0]) : null;
  }

  /** New credentials clear what was wrong with the old ones, and set going what waited for them. */
  async save(tx: Tx, payload: ConnectionPayload): Promise<void> {
    // A partner has one link to a PSA: a new one takes the old one's place.
    await tx.query('DELETE FROM psa_connection WHERE partner_id = $1 AND connection_id <> $2', [
      payload.partnerId,
      payload.connectionId,
    ]);
    const changed = await tx.query(
      `INSERT INTO psa_connection AS c (connection_id, partner_id, version, endpoint, sealed_secret, is_enabled, ticketing,
                                   rate_per_minute, max_rate_per_minute, max_in_flight, full_in_flight)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $9)
       ON CONFLICT (connection_id) DO UPDATE SET version = excluded.version, endpoint = excluded.endpoint, sealed_secret = excluded.sealed_secret,
         is_enabled = excluded.is_enabled, ticketing = excluded.ticketing, max_rate_per_minute = excluded.max_rate_per_minute,
         full_in_flight = excluded.full_in_flight, resume_at = '-infinity', trouble = NULL, breaker = 'closed', breaker_opens = 0
       RETURNING connection_id`,
      [
        payload.connectionId, payload.partnerId, payload.version, JSON.stringify(payload.endpoint), payload.sealedSecret,
        payload.isEnabled, JSON.stringify(payload.ticketing), this.limits.maxRatePerMinute, this.limits.maxInFlight,
      ], // prettier-ignore
    );
    if (changed.length > 0) await this.wakeLanes(tx, payload.connectionId);
  }

  async remove(tx: Tx, connectionId: string): Promise<void> {
    await tx.query('DELETE FROM psa_connection WHERE connection_id = $1', [connectionId]);
  }

  private async wakeLanes(tx: Tx, connectionId: string): Promise<void> {
    await tx.query(
      "UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now() WHERE connection_id = $1 AND state = 'attention'",
      [connectionId],
    );
  }

  /** The PSA answered as it should: a probe's success closes the breaker, and the rate recovers. */
  async succeeded(connectionId: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE psa_connection SET breaker = 'closed', breaker_opens = 0, trouble = NULL,
         max_in_flight = CASE WHEN breaker <> 'closed' THEN 1 ELSE max_in_flight END,
         ramped_at = CASE WHEN breaker <> 'closed' THEN clock_timestamp() ELSE ramped_at END,
         rate_per_minute = least(max_rate_per_minute, rate_per_minute * 1.05)
       WHERE connection_id = $1 AND (breaker <> 'closed' OR trouble IS NOT NULL OR rate_per_minute < max_rate_per_minute)`,
      [connectionId],
    );
  }

  /** Opens the breaker until `resetMs` from now, doubled with each time in a row, 10 min at most, with jitter. */
  async open(connectionId: string, resetMs: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE psa_connection SET breaker = 'open', breaker_opens = breaker_opens + 1, trouble = 'unreachable',
         breaker_until = clock_timestamp() + least(600000, $2 * power(2, least(breaker_opens, 10))) * (0.8 + 0.4 * random()) * interval '1 ms'
       WHERE connection_id = $1 AND (breaker <> 'open' OR breaker_until <= clock_timestamp())`,
      [connectionId, resetMs],
    );
  }

  /** Nothing is sent before then. `trouble` is what the partner may read. */
  async pause(connectionId: string, ms: number, trouble: 'rate_limited' | 'credential'): Promise<void> {
    await this.dataSource.query(
      `UPDATE psa_connection SET resume_at = greatest(resume_at, clock_timestamp() + $2 * interval '1 ms'), trouble = $3,
         rate_per_minute = CASE WHEN $3 = 'rate_limited' THEN greatest(1, rate_per_minute / 2) ELSE rate_per_minute END
       WHERE connection_id = $1`,
      [connectionId, ms, trouble],
    );
  }
}
