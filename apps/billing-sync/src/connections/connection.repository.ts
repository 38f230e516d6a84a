import type { ConnectionPayload } from '@backhaul/messaging';
import type { Tx, UnitOfWork } from '@backhaul/persistence';

export interface KnownConnection {
  connectionId: string;
  partnerId: string;
  /** Grows with the credentials. */
  version: string;
  endpoint: Record<string, string | null>;
  sealedSecret: string;
  isEnabled: boolean;
  /** Update Backup Statistics (E33). */
  hasStatistics: boolean;
  /** Without credentials that work until the partner gives API keys. */
  needsChange: boolean;
  /** Approved addresses beside EGRESS_ALLOW. */
  egress: string[];
  /** Milliseconds for which the PSA is left alone; 0 where it may be called. */
  heldMs: number;
}

interface Row extends Omit<KnownConnection, 'endpoint' | 'egress'> {
  endpoint: string;
  egress: string;
}

const COLUMNS = `connection_id AS "connectionId", partner_id AS "partnerId", version, endpoint, sealed_secret AS "sealedSecret",
  is_enabled AS "isEnabled", has_statistics AS "hasStatistics", needs_change AS "needsChange", egress,
  CASE WHEN resume_at > clock_timestamp() THEN (extract(epoch FROM resume_at - clock_timestamp()) * 1000)::float ELSE 0 END AS "heldMs"`;

const known = (row: Row): KnownConnection => ({
  ...row,
  endpoint: JSON.parse(row.endpoint) as KnownConnection['endpoint'],
  egress: JSON.parse(row.egress) as string[],
});

/** New credentials clear what was wrong with the old ones. */
const CLEARED = ['resume_at', 'trouble', 'failures']
  .map(
    (column) =>
      `${column} = CASE WHEN c.version <> excluded.version THEN ${column === 'failures' ? '0' : column === 'trouble' ? 'NULL' : "'-infinity'"} ELSE c.${column} END`,
  )
  .join(', ');

/** The links to the PSA, what their partners told of them and how they fare. */
export class ConnectionRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async ofPartners(tx: Tx, partnerIds: readonly string[]): Promise<Map<string, KnownConnection>> {
    const rows = await tx.query<Row>(`SELECT ${COLUMNS} FROM psa_connection WHERE partner_id = ANY($1)`, [
      [...new Set(partnerIds)],
    ]);
    return new Map(rows.map((row) => [row.partnerId, known(row)]));
  }

  async ofPartner(partnerId: string): Promise<KnownConnection | null> {
    const sql = `SELECT ${COLUMNS} FROM psa_connection WHERE partner_id = $1`;
    const [row] = await this.unitOfWork.query<Row>(sql, [partnerId]);
    return row ? known(row) : null;
  }

  async save(tx: Tx, payload: ConnectionPayload): Promise<void> {
    const { connectionId, partnerId } = payload;
    // A partner has one link to a PSA: a new one takes the old one's place.
    await tx.query('DELETE FROM psa_connection WHERE partner_id = $1 AND connection_id <> $2', [
      partnerId,
      connectionId,
    ]);
    await tx.query(
      `INSERT INTO psa_connection AS c (connection_id, partner_id, version, endpoint, sealed_secret, is_enabled, has_statistics,
         needs_change, egress) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (connection_id) DO UPDATE SET version = excluded.version, endpoint = excluded.endpoint,
         sealed_secret = excluded.sealed_secret, is_enabled = excluded.is_enabled, has_statistics = excluded.has_statistics,
         needs_change = excluded.needs_change, egress = excluded.egress, ${CLEARED}`,
      [
        connectionId, partnerId, payload.version, JSON.stringify(payload.endpoint), payload.sealedSecret, payload.isEnabled,
        payload.statistics?.enabled ?? false, payload.needsChange ?? false, JSON.stringify(payload.egress ?? []),
      ], // prettier-ignore
    );
  }

  /** @returns whose it was; null where it was not known */
  async remove(tx: Tx, connectionId: string): Promise<string | null> {
    const [row] = await tx.query<{ partnerId: string }>(
      'DELETE FROM psa_connection WHERE connection_id = $1 RETURNING partner_id AS "partnerId"',
      [connectionId],
    );
    return row?.partnerId ?? null;
  }

  /** The PSA did what it was asked. */
  async succeeded(tx: Tx, connectionId: string): Promise<void> {
    await tx.query(
      "UPDATE psa_connection SET trouble = NULL, failures = 0, resume_at = '-infinity' WHERE connection_id = $1 AND failures > 0",
      [connectionId],
    );
  }

  /**
   * The PSA could not be asked: nothing is sent before `ms` have passed, doubled with each time in a row, with jitter.
   * Many calls that fail at once count as one. What other credentials meet says nothing of these.
   */
  async failed(
    tx: Tx,
    { connectionId, version }: Pick<KnownConnection, 'connectionId' | 'version'>,
    trouble: string,
    { ms, mostMs }: { ms: number; mostMs: number },
  ): Promise<void> {
    await tx.query(
      `UPDATE psa_connection SET trouble = $3, failures = failures + 1,
         resume_at = clock_timestamp() + least($5, $4 * power(2, least(failures, 10))) * (0.8 + 0.4 * random()) * interval '1 ms'
       WHERE connection_id = $1 AND version = $2 AND resume_at <= clock_timestamp()`,
      [connectionId, version, trouble, ms, mostMs],
    );
  }
}
