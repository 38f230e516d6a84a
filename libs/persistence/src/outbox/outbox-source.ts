import type { OutgoingRecord } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { orderKeyOfUnsent, unsentColumns } from '../dead-letters/unsent-letters.js';
import type { Leases } from './leases.js';

/** One row to be published. `id` is what `advance` gets back. */
export interface RelayRow {
  bucket: number;
  id: string;
  record: OutgoingRecord;
  /** Of the outbox: when it was written, among the others. */
  seq?: string;
}

/** Where a relay takes its rows from. */
export interface RelaySource {
  /** The next rows of those buckets, each bucket's in commit-safe order. */
  read(buckets: number[], limit: number): Promise<RelayRow[]>;
  /** These rows are in Kafka. Does nothing for a bucket whose epoch is no longer the one given. */
  advance(leases: Leases, rows: readonly RelayRow[]): Promise<void>;
  /** Kafka will never take this row: it becomes a dead letter, and the bucket goes on. */
  refuse(leases: Leases, row: RelayRow, reason: string): Promise<void>;
}

interface Row {
  id: string;
  bucket: number;
  seq: string;
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
      'SELECT id, bucket, seq::text AS seq, topic, key, headers, payload FROM outbox WHERE bucket = ANY($1::smallint[]) ORDER BY xid, seq LIMIT $2',
      [buckets, limit],
    );
    return rows.map(({ id, bucket, seq, topic, key, headers, payload }) => ({
      id,
      bucket,
      seq,
      record: { topic, key, value: payload, headers: JSON.parse(headers) as Record<string, string> },
    }));
  }

  /**
   * The epochs are checked in the statement itself: a frozen owner that wakes up removes nothing. No lease is locked:
   * what goes is in Kafka already, so an owner that comes this very moment loses nothing either.
   */
  async advance(leases: Leases, rows: readonly RelayRow[]): Promise<void> {
    const mine = rows.filter((row) => leases.has(row.bucket));
    await this.noteOvertaken(mine);
    await this.dataSource.query(
      `DELETE FROM outbox USING unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS s (id, bucket, epoch)
         JOIN relay_lease l ON l.bucket = s.bucket AND l.epoch = s.epoch
       WHERE outbox.id = s.id`,
      [
        mine.map(({ id }) => id),
        mine.map(({ bucket }) => bucket),
        mine.map(({ bucket }) => leases.get(bucket)),
      ],
    );
  }

  /** One that was sent again and is refused again waits again. */
  async refuse(leases: Leases, row: RelayRow, reason: string): Promise<void> {
    await this.dataSource.query(
      `WITH gone AS (DELETE FROM outbox WHERE id = $1
           AND EXISTS (SELECT 1 FROM relay_lease WHERE bucket = $2::smallint AND epoch = $3::bigint) RETURNING id, bucket, seq)
       INSERT INTO dead_letter (letter_id, part, place, partner_id, cust_id, account_no, topic, class, reason, group_id, order_key, key, value, headers)
       SELECT id, bucket, seq, $4::uuid, $5::bigint, $6::bigint, $7::text, $8::text, $9::text, $10::text, $11::text, $12::bytea, $13::bytea, $14::jsonb
       FROM gone
       ON CONFLICT (letter_id) DO UPDATE SET state = 'waiting', reason = excluded.reason, group_id = excluded.group_id,
         set_aside_at = excluded.set_aside_at, resolved_at = NULL, resolved_by = NULL`,
      [row.id, row.bucket, leases.get(row.bucket) ?? null, ...unsentColumns(row.record, reason)],
    );
  }

  /**
   * Before the rows go: they are in Kafka, and what was refused before them must no longer undo them. One that was sent
   * again is as old as it was.
   */
  private async noteOvertaken(rows: readonly RelayRow[]): Promise<void> {
    if (rows.length === 0) return;
    const waiting: unknown[] = await this.dataSource.query(
      "SELECT 1 FROM dead_letter WHERE class = 'unsent' AND state = 'waiting' LIMIT 1",
    );
    if (waiting.length === 0) return;
    await this.dataSource.query(
      `UPDATE dead_letter d SET is_overtaken = true
       FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS h (id, order_key, place) LEFT JOIN dead_letter again ON again.letter_id = h.id
       WHERE d.class = 'unsent' AND d.state = 'waiting' AND d.order_key = h.order_key AND NOT d.is_overtaken
         AND d.place < coalesce(again.place, h.place)`,
      [
        rows.map(({ id }) => id),
        rows.map(({ record }) => orderKeyOfUnsent(record)),
        rows.map(({ seq = '0' }) => seq),
      ],
    );
  }
}
