import type { Pool } from 'pg';
import { compareRows, EventWriter, isDataError, type Stored } from './event.writer.js';
import type { EventRow } from './event-row.js';
import { GroupWriter } from './group-writer.js';
import type { IngestMetrics } from './ingest.metrics.js';
import type { RowSink } from './intake.js';

export interface EventQueueOptions {
  maxQueued: number;
  /** After each group that brought something new. */
  onCommit: () => void;
}

/** The one way into the event log: every row waits here for its group's commit. */
export class EventQueue implements RowSink {
  private readonly groups: GroupWriter<EventRow, Stored>;

  constructor(
    pool: Pool,
    private readonly metrics: IngestMetrics,
    { maxQueued, onCommit }: EventQueueOptions,
  ) {
    const writer = new EventWriter(pool, (accepted, durationMs) => {
      metrics.accepted.inc(accepted);
      metrics.commits.observe(durationMs / 1000);
      if (accepted > 0) onCommit();
    });
    const write = (rows: readonly EventRow[]): Promise<Stored[]> => writer.write(rows);
    this.groups = new GroupWriter({ write, compare: compareRows, isDataError, maxQueued });
  }

  get depth(): number {
    return this.groups.depth;
  }

  async add(row: EventRow): Promise<Stored> {
    const stored = await this.groups.add(row);
    if (stored.outcome === 'duplicate') this.metrics.duplicates.inc();
    if (stored.outcome === 'conflict') this.metrics.conflicts.inc();
    return stored;
  }

  /** Waits for what is under way; new rows are refused. */
  stop(): Promise<void> {
    return this.groups.stop();
  }
}
