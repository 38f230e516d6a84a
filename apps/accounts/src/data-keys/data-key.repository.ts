import { type Keyring, newDataKey, type Tx, type WrappedKey } from '@backhaul/persistence';

interface Row {
  tenant: string;
  version: number;
  kekId: string;
  wrapped: string;
}

const COLUMNS = 'partner_id AS tenant, version, kek_id AS "kekId", wrapped';
const lockOf = (partnerId: string): string => `${partnerId}|data_key`;

/** Partners' data keys, wrapped. Who seals holds the partner's keys still; who changes them has them alone. */
export class DataKeyRepository {
  constructor(private readonly keyring: Keyring) {}

  /** Until the transaction ends nobody gives the partner another key. Comes before any write of the transaction. */
  async hold(tx: Tx, partnerId: string): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [lockOf(partnerId)]);
  }

  /** Until the transaction ends nobody seals for these partners. Comes before any write of the transaction. */
  async holdAlone(tx: Tx, partnerIds: readonly string[]): Promise<void> {
    // In one order, so that two rotations never wait for each other.
    for (const partnerId of [...partnerIds].sort())
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockOf(partnerId)]);
  }

  /** The key that seals; the partner's first is made here. After `hold`. */
  async current(tx: Tx, partnerId: string): Promise<WrappedKey> {
    const known = await this.newest(tx, partnerId);
    if (known) return known;
    await this.insert(tx, newDataKey(this.keyring, partnerId, 1));
    // Another save may have made it first.
    return (await this.newest(tx, partnerId)) as WrappedKey;
  }

  async newest(tx: Tx, partnerId: string): Promise<WrappedKey | null> {
    const rows = await tx.query<Row>(
      `SELECT ${COLUMNS} FROM data_key WHERE partner_id = $1 ORDER BY version DESC LIMIT 1`,
      [partnerId],
    );
    return rows[0] ?? null;
  }

  async insert(tx: Tx, { tenant, version, kekId, wrapped }: WrappedKey): Promise<void> {
    await tx.query(
      `INSERT INTO data_key (partner_id, version, kek_id, wrapped, created_at)
       VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING`,
      [tenant, version, kekId, wrapped],
    );
  }

  async rewrap(tx: Tx, { tenant, version, kekId, wrapped }: WrappedKey): Promise<void> {
    await tx.query('UPDATE data_key SET kek_id = $3, wrapped = $4 WHERE partner_id = $1 AND version = $2', [
      tenant,
      version,
      kekId,
      wrapped,
    ]);
  }

  /** Nothing of the partner is sealed by them any more. */
  async removeBefore(tx: Tx, { tenant, version }: WrappedKey): Promise<void> {
    await tx.query('DELETE FROM data_key WHERE partner_id = $1 AND version < $2', [tenant, version]);
  }
}
