import { counter, gauge, histogram } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { RELAY_FLOOR, RELAY_POSITIONS } from '../partitions/log-partitions.js';

/** Events behind the relay's position in their bucket. */
export const UNPUBLISHED = `
  SELECT 1 FROM ${RELAY_POSITIONS} p JOIN event ON event.bucket = p.bucket
    AND (event.xid, event.event_id) > (p.pos_xid, p.pos_id)
    AND event.event_id >= ${RELAY_FLOOR}`;

/** Event ids hold the time of receipt. */
export const OUTBOX_AGE = `
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(uuid_extract_timestamp(e.event_id))), 0)::float8 AS age
  FROM ${RELAY_POSITIONS} p CROSS JOIN LATERAL (
    SELECT event_id FROM event
    WHERE event.bucket = p.bucket
      AND (event.xid, event.event_id) > (p.pos_xid, p.pos_id)
      AND event.event_id >= ${RELAY_FLOOR}
    ORDER BY event.xid, event.event_id LIMIT 1) e`;

/**
 * Events that may not be published yet, because a transaction that began before them has not ended: of the whole server,
 * whatever its database.
 */
export const HELD_AGE = `
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(uuid_extract_timestamp(e.event_id))), 0)::float8 AS age
  FROM ${RELAY_POSITIONS} p CROSS JOIN LATERAL (
    SELECT event_id FROM event
    WHERE event.bucket = p.bucket
      AND (event.xid, event.event_id) > (p.pos_xid, p.pos_id)
      AND event.xid >= pg_snapshot_xmin(pg_current_snapshot())
      AND event.event_id >= ${RELAY_FLOOR}
    ORDER BY event.xid, event.event_id LIMIT 1) e`;

/** What an operator watches of the way in. */
export class IngestMetrics {
  readonly accepted = counter('ingest_accepted_total', 'Events stored');
  readonly duplicates = counter('ingest_duplicates_total', 'Reports that were in the log already');
  readonly conflicts = counter('ingest_conflicts_total', 'Reports with a known key and another body');
  readonly unreadable = counter('ingest_unreadable_total', 'Reports kept although they could not be read', [
    'agent',
  ]);
  readonly commits = histogram('ingest_commit_seconds', 'Time to commit a group of events');

  /** Read when the metrics are: how many reports wait, and how old the oldest unpublished event is. */
  watch(dataSource: DataSource, queueDepth: () => number): void {
    gauge('ingest_queue_depth', 'Reports that wait for a commit', [], (self) => self.set(queueDepth()));
    // While the database is away the last value stands; readiness and the refusals tell the rest.
    const ageOf = async (sql: string): Promise<number | undefined> => {
      const [row] = await dataSource.query<{ age: number }[]>(sql).catch(() => []);
      return row?.age;
    };
    gauge('ingest_outbox_age_seconds', 'Age of the oldest event not yet in Kafka', [], async (self) => {
      const age = await ageOf(OUTBOX_AGE);
      if (age !== undefined) self.set(age);
    });
    const help = 'Age of the oldest event that waits for a transaction begun before it';
    gauge('ingest_held_by_transaction_seconds', help, [], async (self) => {
      const age = await ageOf(HELD_AGE);
      if (age !== undefined) self.set(age);
    });
  }
}
