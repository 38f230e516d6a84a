import type { LoadProbe, LoadSignals } from '@backhaul/http';
import { processProbe } from '@backhaul/http';
import type { DataSource } from 'typeorm';
import { OUTBOX_AGE, UNPUBLISHED } from './ingest.metrics.js';

const LOOK_EVERY_MS = 10_000;
const BYTES_PER_MB = 1024 * 1024;

/** What waits to be published takes as much room as its share of the table: counted by an index, not read. */
const BACKLOG_BYTES = `
  SELECT (SELECT count(*) FROM (${UNPUBLISHED}) waiting)::float8
    * coalesce(sum(pg_total_relation_size(c.oid)) / nullif(sum(greatest(c.reltuples, 0)), 0), 4096) AS bytes
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass`;

/** How loaded ingestion is: its own work, the wait for a connection, and what has not left for Kafka. */
export class BacklogProbe implements LoadProbe {
  private readonly own = processProbe(() => this.more());
  private kept: LoadSignals = {};
  private lookedAt = -Infinity;
  private isLooking = false;

  constructor(
    private readonly dataSource: DataSource,
    /** What reports need on their way. */
    private readonly road: DataSource,
    private readonly budgetMb: number,
    private readonly monotonicMs: () => number,
  ) {}

  read(): Promise<LoadSignals> {
    return this.own.read();
  }

  stop(): void {
    this.own.stop();
  }

  private async more(): Promise<LoadSignals> {
    const now = this.monotonicMs();
    if (!this.isLooking && now - this.lookedAt >= LOOK_EVERY_MS) void this.look(now);
    const [poolWaitMs, apiWaitMs] = await Promise.all([this.waitMs(this.road), this.waitMs(this.dataSource)]);
    return { ...this.kept, poolWaitMs, apiWaitMs };
  }

  /** While the database is away the last figures stand: what cannot be stored is refused anyway. */
  private async look(now: number): Promise<void> {
    this.isLooking = true;
    try {
      const [age] = await this.road.query<{ age: number }[]>(OUTBOX_AGE);
      const [backlog] = await this.road.query<{ bytes: number }[]>(BACKLOG_BYTES);
      this.kept = {
        outboxAgeS: age?.age ?? 0,
        backlogShare: (backlog?.bytes ?? 0) / (this.budgetMb * BYTES_PER_MB),
      };
    } catch {
      // Told by readiness and by the refusals themselves.
    } finally {
      this.lookedAt = now;
      this.isLooking = false;
    }
  }

  private async waitMs(dataSource: DataSource): Promise<number> {
    const from = this.monotonicMs();
    const runner = dataSource.createQueryRunner();
    try {
      await runner.connect();
      return this.monotonicMs() - from;
    } catch {
      return 0;
    } finally {
      await runner.release().catch(() => undefined);
    }
  }
}
