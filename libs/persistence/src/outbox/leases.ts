import type { DataSource } from 'typeorm';
import { rowsOf } from '../unit-of-work.js';

/** Bucket → the epoch under which we own it. */
export type Leases = Map<number, string>;

/**
 * Who relays which bucket. A lease row expires and its epoch grows with each new owner,
 * so a frozen owner that wakes up finds that its word counts no more.
 */
export class RelayLeases {
  constructor(
    private readonly dataSource: DataSource,
    private readonly owner: string,
    private readonly ttlMs: number,
  ) {}

  private async query<R>(sql: string, params: unknown[]): Promise<R[]> {
    return rowsOf<R>(await this.dataSource.query(sql, params));
  }

  /** Renews what we hold, gives up what is more than our share, takes what is free. */
  async refresh(): Promise<Leases> {
    const members = await this.announce();
    const renewed = await this.query<{ bucket: number; epoch: string }>(
      `UPDATE relay_lease SET expires_at = clock_timestamp() + $2 * interval '1 ms'
       WHERE owner = $1 AND expires_at > clock_timestamp() RETURNING bucket, epoch::text`,
      [this.owner, this.ttlMs],
    );
    const leases: Leases = new Map(renewed.map((row) => [row.bucket, row.epoch]));
    const [{ total } = { total: 64 }] = await this.query<{ total: number }>(
      'SELECT count(*)::int AS total FROM relay_lease',
      [],
    );
    const share = Math.ceil(total / members);
    if (leases.size > share) await this.giveUp([...leases.keys()].slice(share), leases);
    if (leases.size < share) await this.take(share - leases.size, leases);
    return leases;
  }

  private async announce(): Promise<number> {
    const rows = await this.query<{ members: number }>(
      `WITH me AS (
         INSERT INTO relay_member (owner, expires_at) VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
         ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at),
       gone AS (DELETE FROM relay_member WHERE expires_at < clock_timestamp() AND owner <> $1)
       SELECT count(*)::int AS members FROM relay_member WHERE expires_at >= clock_timestamp() AND owner <> $1`,
      [this.owner, this.ttlMs],
    );
    return (rows[0]?.members ?? 0) + 1;
  }

  private async take(count: number, leases: Leases): Promise<void> {
    const rows = await this.query<{ bucket: number; epoch: string }>(
      `UPDATE relay_lease SET owner = $1, epoch = epoch + 1, expires_at = clock_timestamp() + $2 * interval '1 ms'
       WHERE bucket IN (SELECT bucket FROM relay_lease WHERE expires_at <= clock_timestamp() ORDER BY bucket LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING bucket, epoch::text`,
      [this.owner, this.ttlMs, count],
    );
    for (const row of rows) leases.set(row.bucket, row.epoch);
  }

  private async giveUp(buckets: number[], leases: Leases): Promise<void> {
    await this.query(
      "UPDATE relay_lease SET expires_at = '-infinity' WHERE owner = $1 AND bucket = ANY($2)",
      [this.owner, buckets],
    );
    for (const bucket of buckets) leases.delete(bucket);
  }

  /** On an orderly end others take over at once. */
  async release(): Promise<void> {
    await this.query("UPDATE relay_lease SET expires_at = '-infinity' WHERE owner = $1", [this.owner]);
    await this.query('DELETE FROM relay_member WHERE owner = $1', [this.owner]);
  }
}
