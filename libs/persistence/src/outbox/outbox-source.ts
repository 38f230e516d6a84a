import type { OutgoingRecord } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../unit-of-work.js';
import type { Leases } from './leases.js';

/** One row to be published. `id` is what `advance` gets back. */
export interface RelayRow {
  bucket: number;
  id: string;
  record: OutgoingRecord;
}

/** Where a relay takes its rows from. */
export interface RelaySource {
  /** The next rows of those buckets, each bucket's in commit-safe order. */
  read(buckets: number[], limit: number): Promise<RelayRow[]>;
  /** These rows are in Kafka. Does nothing for a bucket whose epoch is no longer the one given. */
  advance(leases: Leases, rows: readonly RelayRow[]): Promise<void>;
  /** Kafka will never take this row: it is set aside where a person finds it, and the bucket goes on. */
  refuse(leases: Leases, row: RelayRow, reason: string): Promise<void>;
}

interface Row {
  id: string;
  bucket: number;
  topic: string;
  key: string;
  headers: string;
  payload: string | null;
}

/** The outbox table: a row that stands there is still to be sent. */
export class OutboxSource implements RelaySource {
  constructor(private readonly dataSource: DataSource) {}

  async read(buckets: number[], limit: number): Promise<RelayRow[]> {
    const rows: Row[] = await this.dataSource.query(
      'SELECT id, bucket, topic, key, headers, payload FROM outbox WHERE bucket = ANY($1::smallint[]) ORDER BY xid, seq LIMIT $2',
      [buckets, limit],
    );
    return rows.map(({ id, bucket, topic, key, headers, payload }) => ({
      id,
      bucket,
      record: { topic, key, value: payload, headers: JSON.parse(headers) as Record<string, string> },
    }));
  }

  async advance(leases: Leases, rows: readonly RelayRow[]): Promise<void> {
    await this.remove('', leases, rows);
  }

  async refuse(leases: Leases, row: RelayRow, reason: string): Promise<void> {
    await this.remove(reason, leases, [row]);
  }

  /**
   * The epochs are checked in the statement itself: a frozen owner that wakes up removes nothing. No lease is locked:
   * what goes is in Kafka already, so an owner that comes this very moment loses nothing either.
   */
  private async remove(reason: string, leases: Leases, rows: readonly RelayRow[]): Promise<number> {
    const mine = rows.filter((row) => leases.has(row.bucket));
    const keep = reason
      ? `, kept AS (INSERT INTO outbox_refused (id, bucket, xid, seq, topic, key, headers, payload, created_at, reason)
           SELECT id, bucket, xid, seq, topic, key, headers, payload, created_at, $4 FROM gone)`
      : '';
    const answer: unknown = await this.dataSource.query(
      `WITH sent AS (
         SELECT s.id FROM unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS s(id, bucket, epoch)
         JOIN relay_lease l ON l.bucket = s.bucket AND l.epoch = s.epoch),
       gone AS (DELETE FROM outbox USING sent WHERE outbox.id = sent.id RETURNING outbox.*)${keep}
       SELECT count(*)::int AS removed FROM gone`,
      [
        mine.map((row) => row.id),
        mine.map((row) => row.bucket),
        mine.map((row) => leases.get(row.bucket)),
        ...(reason ? [reason] : []),
      ],
    );
    return rowsOf<{ removed: number }>(answer)[0]?.removed ?? 0;
  }
}
