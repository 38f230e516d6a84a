import { type BackupEventPayload, backupEvents, type Delivered, readSince } from '@backhaul/messaging';
import { bucketOf } from '@backhaul/persistence';
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import { publishedRowOf } from '../intake/event-draft.js';
import { type EventRow, INSERT_EVENTS, insertParameters } from '../intake/event-row.js';
import { compareRows } from '../intake/event.writer.js';

export interface Recovered {
  /** Records of events that Kafka has of that time; one that was published twice stands there twice. */
  records: number;
  /** Those that the log had lost and has again. */
  recovered: number;
  /** Records that are no events of ours. */
  unreadable: number;
}

const AT_ONCE = 200;
const KNOWN = 'SELECT event_id FROM event WHERE partner_id = ANY($1::uuid[]) AND event_id = ANY($2::uuid[])';

/**
 * Brings events back into the log that its database lost in a restore, from what Kafka has of them: their ids and bodies as they
 * were, without the bytes of the reports and their log lines. The relay publishes them once more, which their readers
 * recognise. What stands in the log already, also under another id, is left as it is; so it may run again.
 */
export class RecoverEvents {
  constructor(
    private readonly pool: Pool,
    private readonly kafka: Kafka,
    private readonly prefix: string,
  ) {}

  /** @param fromMs milliseconds of the epoch, by the clock of who published */
  async recover(fromMs: number): Promise<Recovered> {
    let [records, recovered] = [0, 0];
    const unreadable = await readSince({
      kafka: this.kafka,
      topic: backupEvents,
      prefix: this.prefix,
      fromMs,
      onRecords: async (batch) => {
        const read = batch.filter(({ payload }) => payload !== null);
        records += read.length;
        for (let from = 0; from < read.length; from += AT_ONCE)
          recovered += await this.put(read.slice(from, from + AT_ONCE));
      },
    });
    return { records, recovered, unreadable };
  }

  /** In the order of the topic: what comes later gets a later transaction, and within one they are ordered by receipt. */
  private async put(records: readonly Delivered<BackupEventPayload>[]): Promise<number> {
    const rows = new Map(records.flatMap(rowOf).map((row) => [row.eventId, row]));
    const { rows: known } = await this.pool.query<{ event_id: string }>(KNOWN, [
      [...new Set([...rows.values()].map((row) => row.partnerId))],
      [...rows.keys()],
    ]);
    for (const { event_id } of known) rows.delete(event_id);
    if (rows.size === 0) return 0;
    const sorted = [...rows.values()].toSorted(compareRows);
    const { rowCount } = await this.pool.query(INSERT_EVENTS, insertParameters(sorted));
    return rowCount ?? 0;
  }
}

function rowOf({ payload, headers }: Delivered<BackupEventPayload>): EventRow[] {
  if (!payload) return [];
  const { event } = payload;
  const bucket = bucketOf(String(event.tenant.accountNo));
  return [publishedRowOf(event, bucket, headers['traceparent'] ?? null)];
}
