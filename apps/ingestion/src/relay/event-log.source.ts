import { backupEvents, headersOf } from '@backhaul/messaging';
import type { Leases, RelayRow, RelaySource } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { RELAY_FLOOR, RELAY_POSITIONS } from '../partitions/log-partitions.js';

interface LogRow {
  event_id: string;
  xid: string;
  bucket: number;
  partner_id: string;
  account_no: string;
  occurred_at: Date;
  traceparent: string | null;
  body: string;
  is_late: boolean;
}

/** A row and its place in the log. */
interface PlacedRow extends RelayRow {
  xid: string;
}

/**
 * What is conclusive happened a day after its receipt at the latest (N13), so newer results stand in the months since:
 * nothing is looked for in older ones.
 */
export const RECEIVED_AFTER = "newer.event_id >= event_id_at(e.occurred_at - interval '25 hours')";

/**
 * Lower transaction ids may still commit below the snapshot's xmin only; above it the log may have gaps, so nothing
 * there is read yet. Whether a result is late depends on rows before it in this same order, hence never on the
 * moment: publishing a row again says the same.
 */
const READ = `
  SELECT e.event_id, e.xid::text AS xid, e.bucket, e.partner_id, e.account_no, e.occurred_at, e.traceparent, e.body,
    e.is_conclusive AND EXISTS (
      SELECT 1 FROM event newer
      WHERE newer.job_hash = e.job_hash AND newer.account_no = e.account_no AND newer.is_conclusive
        AND newer.occurred_at >= e.occurred_at AND ${RECEIVED_AFTER}
        AND (newer.occurred_at > e.occurred_at OR e.is_success)
        AND (newer.xid, newer.event_id) < (e.xid, e.event_id)) AS is_late
  FROM ${RELAY_POSITIONS} p CROSS JOIN LATERAL (
    SELECT * FROM event
    WHERE event.bucket = p.bucket
      AND (event.xid, event.event_id) > (p.pos_xid, p.pos_id)
      AND event.xid < pg_snapshot_xmin(pg_current_snapshot())
      AND event.event_id >= ${RELAY_FLOOR}
    ORDER BY event.xid, event.event_id LIMIT $2) e
  WHERE p.bucket = ANY($1::smallint[])
  ORDER BY e.xid, e.event_id LIMIT $2`;

const ADVANCE = `
  UPDATE relay_lease l SET pos_xid = p.xid, pos_id = p.id
  FROM unnest($1::smallint[], $2::bigint[], $3::xid8[], $4::uuid[]) AS p(bucket, epoch, xid, id)
  WHERE l.bucket = p.bucket AND l.epoch = p.epoch
    AND (coalesce(l.pos_xid, '0'::xid8), coalesce(l.pos_id, '00000000-0000-0000-0000-000000000000')) < (p.xid, p.id)`;

/** The event log read as an outbox: a position per bucket, no write per row. */
export class EventLogSource implements RelaySource {
  constructor(private readonly dataSource: DataSource) {}

  async read(buckets: number[], limit: number): Promise<RelayRow[]> {
    const rows: LogRow[] = await this.dataSource.query(READ, [buckets, limit]);
    return rows.map(placed);
  }

  async advance(leases: Leases, rows: readonly RelayRow[]): Promise<void> {
    const last = new Map(rows.map((row) => [row.bucket, row as PlacedRow]));
    const moves = [...last.values()].filter((row) => leases.has(row.bucket));
    if (moves.length === 0) return;
    await this.dataSource.query(ADVANCE, [
      moves.map((row) => row.bucket),
      moves.map((row) => leases.get(row.bucket)),
      moves.map((row) => row.xid),
      moves.map((row) => row.id),
    ]);
  }

  /** The event stays in the log, where the partner sees it; only its publication is given up. */
  async refuse(leases: Leases, row: RelayRow): Promise<void> {
    await this.advance(leases, [row]);
  }
}

function placed(row: LogRow): PlacedRow {
  const headers = headersOf({
    id: row.event_id,
    occurredAt: row.occurred_at.toISOString(),
    partnerId: row.partner_id,
    correlationId: row.event_id,
    causationId: null,
  });
  if (row.traceparent) headers['traceparent'] = row.traceparent;
  return {
    id: row.event_id,
    bucket: row.bucket,
    xid: row.xid,
    record: {
      topic: backupEvents.name,
      key: row.account_no,
      // The stored body is the event as published: nothing is parsed on the way.
      value: `{"event":${row.body},"isLate":${row.is_late}}`,
      headers,
    },
  };
}
